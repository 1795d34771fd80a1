/** Something that is looked for in the octets of a log. */
export interface Needle {
  readonly text: string;
  /** It ends in a number: a digit behind it makes it another number. */
  readonly isNumber: boolean;
}

/** Lines that tell of which appliance and in which zone a file is. */
export const HEADER_NEEDLES: readonly Needle[] = ['Begin Logfile', 'Version: ', 'Time offset from UTC'].map((text) => ({ text, isNumber: false }));

function numbers(forms: readonly string[]): Needle[] {
  return forms.map((text) => ({ text, isNumber: true }));
}

/** The ways in which lines name a message: mail_logs, euq_logs, `Message 7 to RID`, old `rewritten to 7 by`, bounce_logs, consolidated events. */
export function needlesOfMid(mid: number): Needle[] {
  return numbers([`MID ${mid}`, `MID: ${mid}`, `MID [${mid}`, `MID=${mid}`, `essage ${mid}`, `rewritten to ${mid}`, `ounced: ${mid}`, `elayed: ${mid}`]);
}

export function needlesOfIcid(icid: number): Needle[] {
  return numbers([`ICID ${icid}`, `ICID: ${icid}`, `ICID=${icid}`]);
}

export function needlesOfDcid(dcid: number): Needle[] {
  return numbers([`DCID ${dcid}`, `DCID: ${dcid}`, `DCID=${dcid}`]);
}

/** A text in any case. Only ASCII folds: other letters may stand in a log in any encoding. */
export function needleOfText(text: string): Needle {
  return { text, isNumber: false };
}
