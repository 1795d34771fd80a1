import type { CapturedSession, Session } from '../model/pairing.ts';

/**
 * Connections that only another vantage point holds: packets of theirs may never have reached the appliance. Those with the appliance's
 * address (or with any, while no address of it is known) become sessions of their own.
 */
export function sessionsElsewhere(unmatched: readonly CapturedSession[], applianceAddresses: readonly string[]): Session[] {
  return unmatched.flatMap((captured) => {
    const { originator, responder } = captured.connection;
    const known = applianceAddresses.length > 0;
    if (known && !applianceAddresses.includes(originator.ip) && !applianceAddresses.includes(responder.ip)) return [];
    const direction = applianceAddresses.includes(originator.ip) ? 'outbound' : 'inbound';
    return [{ direction, captured, firstPacketUs: captured.connection.firstUs, logged: null, injection: null, delivery: null, messages: [], pair: null }];
  });
}
