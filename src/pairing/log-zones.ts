import type { LogFileSummary, MailLog } from '../model/maillog.ts';
import type { EpochUs, WallUs } from '../model/units.ts';
import { fixedZone, nameOffset, parseZone, type Zone } from './zone.ts';

/** The zone of each log file's stamps, and where it is known from. */
export interface LogZones {
  /** Zone of an input's stamps; UTC while it is unknown. */
  of(input: number): Zone;
  /** Some header or the user tells the zone of this appliance's logs. */
  isKnown(appliance: string): boolean;
  basisOf(appliance: string): string;
  nameOf(appliance: string): string | null;
  readonly caveats: readonly string[];
}

const UTC = fixedZone(0);

/** Takes the zone from the user, else from each file's header, else from another file of the same appliance. */
export function findZones(log: MailLog, given: string | null): LogZones {
  const zone = given === null ? null : parseZone(given);
  if (zone) return { of: () => zone, isKnown: () => true, basisOf: () => 'given', nameOf: () => zone.name, caveats: [] };
  const caveats = given === null ? [] : [`The time zone “${given}” is unknown here; the log's own statements were used instead.`];
  const byInput = new Map<number, Zone>();
  for (const file of log.files) {
    const offset = file.utcOffsetSeconds ?? offsetOfSibling(file, log.files);
    if (offset !== null) byInput.set(file.input, fixedZone(offset));
  }
  const offsetsOf = (appliance: string): number[] => [
    ...new Set(log.files.filter((file) => belongs(file, appliance)).flatMap((file) => file.utcOffsetSeconds ?? [])),
  ];
  return {
    of: (input) => byInput.get(input) ?? UTC,
    isKnown: (appliance) => offsetsOf(appliance).length > 0,
    basisOf: (appliance) =>
      offsetsOf(appliance)
        .map((offset) => `the log's header says “Time offset from UTC: ${offset} seconds”`)
        .join(', later '),
    nameOf: (appliance) => {
      const last = offsetsOf(appliance).at(-1);
      return last === undefined ? null : nameOffset(last);
    },
    caveats,
  };
}

function belongs(file: LogFileSummary, appliance: string): boolean {
  return file.appliances.includes(appliance) || file.appliances.length === 0;
}

/** The header's offset of the nearest file (by time) of the same appliance. */
function offsetOfSibling(file: LogFileSummary, files: readonly LogFileSummary[]): number | null {
  let best: LogFileSummary | null = null;
  let least = Infinity;
  for (const other of files) {
    if (other.utcOffsetSeconds === null || !other.appliances.some((appliance) => file.appliances.includes(appliance))) continue;
    const apart = Math.abs((other.firstUs ?? 0) - (file.firstUs ?? 0));
    if (apart < least) {
      least = apart;
      best = other;
    }
  }
  return best?.utcOffsetSeconds ?? null;
}

/** Chooses among the readings of a wall time that occurs twice the one that lies in the captured time; the earlier one in doubt. */
export function readInstant(zone: Zone, wallUs: WallUs, capturedFromUs: EpochUs, capturedToUs: EpochUs): EpochUs {
  const readings = zone.readings(wallUs);
  const [first = wallUs] = readings;
  if (readings.length < 2) return first;
  return readings.find((atUs) => atUs >= capturedFromUs - NEAR_US && atUs <= capturedToUs + NEAR_US) ?? first;
}

/** Clocks may differ by so much and the reading still be meant. */
const NEAR_US = 120_000_000;
