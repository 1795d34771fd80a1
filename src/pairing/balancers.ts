import { canonicalAddress } from '../model/address.ts';
import type { MailLog } from '../model/maillog.ts';
import type { CapturedTraits } from './traits.ts';

/** An address that greets with so many names is no single client. */
const MANY_NAMES = 5;
/** Either it carries this share of the sessions, or it has far more names than any host: a busy client with odd names is none. */
const NOTABLE_SHARE = 0.05;
const FAR_TOO_MANY_NAMES = 20;
/** Names remembered for one address; more change nothing. */
const NAMES_KEPT = 64;

interface Caller {
  readonly names: Set<string>;
  sessions: number;
  /** Gives the client's address itself (XCLIENT, the PROXY protocol). */
  forwards: boolean;
}

/** Addresses that speak for many clients: load balancers, source translation, relays. Topology, never a cause. */
export function findBalancers(given: readonly string[], captured: Iterable<CapturedTraits>, log: MailLog | null): string[] {
  const callers = new Map<string, Caller>();
  const calls = (ip: string): Caller => {
    let caller = callers.get(ip);
    if (!caller) {
      caller = { names: new Set(), sessions: 0, forwards: false };
      callers.set(ip, caller);
    }
    return caller;
  };
  for (const one of captured) {
    if (one.direction === 'outbound') continue;
    const caller = calls(one.originatorIp);
    caller.sessions++;
    if (one.heloName?.whole && caller.names.size < NAMES_KEPT) caller.names.add(one.heloName.text);
    if (one.forwards) caller.forwards = true;
  }
  const capturedTotal = [...callers.values()].reduce((sum, caller) => sum + caller.sessions, 0);
  const found = new Set(given.map(canonicalAddress));
  for (const [ip, caller] of callers) if (isBalancer(caller, capturedTotal)) found.add(ip);
  for (const ip of fromLog(log)) found.add(ip);
  return [...found].sort();
}

function isBalancer(caller: Caller, total: number): boolean {
  if (caller.forwards) return true;
  if (caller.names.size >= FAR_TOO_MANY_NAMES) return true;
  return caller.names.size >= MANY_NAMES && caller.sessions >= total * NOTABLE_SHARE;
}

/** The same by the names in the log (the SDR lines carry them). */
function fromLog(log: MailLog | null): string[] {
  const callers = new Map<string, Caller>();
  let total = 0;
  for (const history of log?.injections ?? []) {
    if (history.peerIp === null || history.heloName === null) continue;
    total++;
    const ip = canonicalAddress(history.peerIp);
    const caller = callers.get(ip) ?? { names: new Set(), sessions: 0, forwards: false };
    callers.set(ip, caller);
    caller.sessions++;
    if (caller.names.size < NAMES_KEPT) caller.names.add(history.heloName.toLowerCase());
  }
  return [...callers].filter(([, caller]) => isBalancer(caller, total)).map(([ip]) => ip);
}
