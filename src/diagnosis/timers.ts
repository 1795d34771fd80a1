/**
 * Timers that end mail sessions, as data. A wait that equals one of them is a hint, never a proof:
 * five minutes alone is the default of AsyncOS, Postfix, Exim and of some firewalls.
 */
interface Timer {
  readonly seconds: number;
  /** Who runs it. */
  readonly holder: 'appliance' | 'smtp-client' | 'smtp-server';
  readonly name: string;
  /** Debts for which it runs; `reply` is any reply. */
  readonly waitsFor: readonly ('greeting' | 'reply' | 'reply to DATA' | 'reply to the end of data' | 'rest of the message' | 'room' | 'command')[];
  readonly source: string;
}

const TIMERS: readonly Timer[] = [
  { seconds: 240, holder: 'appliance', name: 'AsyncOS delivery SMTP timeout (just under 4 minutes)', waitsFor: ['reply'], source: 'Cisco TechNote 118601' },
  { seconds: 300, holder: 'appliance', name: 'AsyncOS delivery TCP timeout', waitsFor: ['reply', 'greeting'], source: 'Cisco TechNote 118601' },
  {
    seconds: 300,
    holder: 'smtp-client',
    name: 'RFC 5321 minimum for the greeting, MAIL and RCPT; Postfix and Exim default',
    waitsFor: ['greeting', 'reply'],
    source: 'RFC 5321 4.5.3.2; Postfix 3.7 defaults; Exim 4.96 specification',
  },
  {
    seconds: 120,
    holder: 'smtp-client',
    name: 'RFC 5321 minimum for DATA; Postfix smtp_data_init_timeout',
    waitsFor: ['reply to DATA'],
    source: 'RFC 5321 4.5.3.2.4; Postfix 3.7 defaults',
  },
  {
    seconds: 600,
    holder: 'smtp-client',
    name: 'RFC 5321 minimum for the final reply; Postfix smtp_data_done_timeout; Exim final timeout; Exchange send connector',
    waitsFor: ['reply to the end of data', 'reply'],
    source: 'RFC 5321 4.5.3.2.6; Postfix, Exim, Exchange documentation',
  },
  {
    seconds: 180,
    holder: 'smtp-client',
    name: 'RFC 5321 minimum for a block of data; Postfix smtp_data_xfer_timeout; IBM CSSMTP',
    waitsFor: ['room'],
    source: 'RFC 5321 4.5.3.2.5; Postfix 3.7 defaults; IBM documentation',
  },
  { seconds: 3600, holder: 'smtp-client', name: 'sendmail Timeout.rcpt', waitsFor: ['reply'], source: 'Red Hat sendmail listing' },
  { seconds: 1200, holder: 'smtp-client', name: 'qmail-remote', waitsFor: ['greeting', 'reply'], source: 'qmail documentation' },
  {
    seconds: 300,
    holder: 'smtp-server',
    name: 'Postfix smtpd_timeout; Exim smtp_receive_timeout; RFC 5321 minimum of a server',
    waitsFor: ['command', 'rest of the message'],
    source: 'RFC 5321 4.5.3.2.7; Postfix and Exim documentation',
  },
  { seconds: 600, holder: 'smtp-server', name: 'Exchange receive connector', waitsFor: ['command', 'rest of the message'], source: 'Microsoft documentation' },
];

/** The timer of `holder` that such a wait fits; null for none. Inside TLS any debt may be meant. */
export function timerOf(holder: Timer['holder'], what: string, waitSeconds: number): Timer | null {
  const runs = (timer: Timer) => timer.waitsFor.some((debt) => what.startsWith(debt) || what === INSIDE_TLS);
  return TIMERS.find((timer) => timer.holder === holder && runs(timer) && fitsTimer(waitSeconds, timer.seconds)) ?? null;
}

/** How a debt is called whose words TLS hides. */
export const INSIDE_TLS = 'answer inside TLS';

/** A wait counts as equal to a timer within this much (the larger of two seconds and one per cent). */
export function fitsTimer(waitSeconds: number, timerSeconds: number): boolean {
  return Math.abs(waitSeconds - timerSeconds) <= Math.max(2, timerSeconds * 0.01);
}

/** Programs count whole seconds: a wait this close to one (and of at least three) looks like a timer of unknown setting. */
export function isWholeSeconds(waitSeconds: number): boolean {
  const rest = waitSeconds - Math.floor(waitSeconds);
  return waitSeconds >= 3 && (rest <= 0.06 || rest >= 0.985);
}

/** Idle times after which devices forget a connection. Settings differ from site to site: a match is a hint. */
const IDLE_TIMERS: readonly { readonly seconds: number; readonly device: string; readonly source: string }[] = [
  { seconds: 240, device: 'Azure load balancer', source: 'vendor documentation' },
  { seconds: 300, device: 'SonicOS default; F5 default', source: 'SonicOS 4.0 guide; F5 from memory' },
  { seconds: 350, device: 'AWS network load balancer and firewall', source: 'vendor documentation' },
  { seconds: 600, device: 'Google Cloud connection tracking; ASA half-closed', source: 'vendor documentation' },
  { seconds: 900, device: 'SonicOS in other versions', source: 'from memory' },
  { seconds: 1800, device: 'Juniper SRX', source: 'vendor documentation' },
  { seconds: 3600, device: 'ASA, FTD, Check Point, FortiGate, Palo Alto', source: 'vendor documentation' },
  { seconds: 7200, device: 'NSX gateway', source: 'vendor documentation' },
];

/** Whose default the pause equals: at its end or a little later the next packet found the state gone. Null for no known one. */
export function idleDevice(idleSeconds: number): string | null {
  return IDLE_TIMERS.find(({ seconds }) => idleSeconds >= seconds && idleSeconds <= seconds * 1.05 + 2)?.device ?? null;
}
