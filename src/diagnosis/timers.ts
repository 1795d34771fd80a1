/**
 * Timers that end mail sessions, as data. A wait that equals one of them is a hint, never a proof:
 * five minutes alone is the default of AsyncOS, Postfix, Exim and of some firewalls.
 */
export interface Timer {
  readonly seconds: number;
  /** Who runs it. */
  readonly holder: 'appliance' | 'smtp-client' | 'smtp-server';
  readonly name: string;
  /** Waits for which it applies. */
  readonly waitsFor: readonly string[];
  readonly source: string;
}

export const TIMERS: readonly Timer[] = [
  { seconds: 240, holder: 'appliance', name: 'AsyncOS delivery SMTP timeout (just under 4 minutes)', waitsFor: ['reply'], source: 'Cisco TechNote 118601' },
  { seconds: 300, holder: 'appliance', name: 'AsyncOS delivery TCP timeout', waitsFor: ['reply', 'connect'], source: 'Cisco TechNote 118601' },
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
  { seconds: 1200, holder: 'smtp-client', name: 'qmail-remote', waitsFor: ['greeting', 'reply'], source: 'qmail documentation' },
  {
    seconds: 300,
    holder: 'smtp-server',
    name: 'Postfix smtpd_timeout; Exim smtp_receive_timeout; RFC 5321 minimum of a server',
    waitsFor: ['command'],
    source: 'RFC 5321 4.5.3.2.7; Postfix and Exim documentation',
  },
  { seconds: 600, holder: 'smtp-server', name: 'Exchange receive connector', waitsFor: ['command'], source: 'Microsoft documentation' },
];

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
