import type { ReportSession } from '../model/report.ts';
import { packetOf } from '../model/tcp.ts';
import type { CaseView } from './finding.ts';
import { strayResets } from './signals.ts';

type Interference = ReportSession['interference'][number];

/** What a device in between did besides, whether or not it ended the session. */
export function listInterference(view: CaseView): Interference[] {
  return [...maskedCommands(view), ...strayRsts(view)];
}

/** Commands overwritten with X, as SMTP inspection of PIX and ASA does (Cisco documents 113423 and 118550). */
function maskedCommands({ scene }: CaseView): Interference[] {
  const masked = scene.dialogue.events.filter((event) => event.kind === 'command').filter((event) => !event.known && /^[Xx]{4,}$/.test(event.verb));
  if (masked.length === 0) return [];
  return [
    {
      kind: 'command-masked',
      statement: `the appliance received ${masked.map((event) => `"${event.verb}"`).join(', ')}: commands overwritten on the way, as SMTP inspection does`,
      packets: masked.map((event) => event.at.packet),
    },
  ];
}

function strayRsts({ scene }: CaseView): Interference[] {
  const stray = strayResets(scene);
  if (stray.length === 0) return [];
  return [
    {
      kind: 'stray-rst',
      statement: `${stray.length === 1 ? 'a RST' : `${stray.length} RSTs`} with a sequence number that does not fit had no effect: whoever sent ${stray.length === 1 ? 'it' : 'them'} did not know the state of the connection`,
      packets: stray.map(packetOf),
    },
  ];
}
