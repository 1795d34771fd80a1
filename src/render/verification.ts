import type { ReportInput } from '../model/report.ts';
import type { ReadingResult, Verification, VerifiedVerdict } from '../model/verification.ts';
import { escapeDeep } from './escape.ts';
import { type TextStyle, layOut } from './layout.ts';
import { type RefStyle, showPackets } from './refs.ts';
import { counted } from './times.ts';
import { nameSession, nameVerdict } from './words.ts';

const RESULTS: Readonly<Record<ReadingResult, string>> = {
  same: 'both readers agree',
  different: 'THE READERS DISAGREE',
  'not-applicable': 'not applicable',
};

/** `verify` for people: the captures, then each verdict with its packets, then the sum. */
export function* renderVerificationText(raw: Verification, inputs: readonly ReportInput[], refs: RefStyle, style: TextStyle): Generator<string> {
  const verification = escapeDeep(raw);
  const formats = escapeDeep(inputs);
  yield `${style.palette.heading('Verified with the independent reader pcap-parser')}\n`;
  for (const input of verification.inputs) {
    const kind = formats[input.input]?.kind ?? input.format;
    const state = input.applicable ? 'read again by both' : `not applicable: ${input.why ?? ''}`;
    yield layOut(style, `  [${input.input}] `, `${input.path}: ${kind === input.format ? kind : `${kind}, ${input.format}`}: ${state}`);
  }
  yield '\n';
  for (const verdict of verification.verdicts) yield renderVerdict(verdict, refs, style);
  const { same, different, notApplicable } = verification.packets;
  const sum = [`${counted(same, 'cited packet')} the same in both readers`, `${different} different`, `${notApplicable} not applicable`].join(', ');
  yield `${different > 0 ? style.palette.bad(sum) : sum}\n`;
}

function renderVerdict(verdict: VerifiedVerdict, refs: RefStyle, style: TextStyle): string {
  const name = nameSession({ id: verdict.session, icid: verdict.icid, dcid: verdict.dcid });
  let text = layOut(style, `${name}: `, nameVerdict(verdict));
  if (verdict.packets.length === 0) return `${text}  cites no packet: nothing to compare\n`;
  for (const result of ['different', 'same', 'not-applicable'] as const) {
    const packets = verdict.packets.filter((packet) => packet.result === result);
    if (packets.length === 0) continue;
    const reasons = [...new Set(packets.map((packet) => packet.why).filter((why) => why !== null))].join('; ');
    const line = `${showPackets(packets, refs)}: ${RESULTS[result]}${reasons === '' ? '' : ` (${reasons})`}`;
    text += layOut(style, '  ', line, result === 'different' ? style.palette.bad : undefined);
  }
  return text;
}
