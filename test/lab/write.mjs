import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from './check.mjs';
import { edit } from './edits.mjs';
import { renderLog } from './logs.mjs';
import { decode, readPcap, writeCapture } from './pcap.mjs';
import { FORMS, OFFSETS, seeded, VERSIONS, ZONES } from './random.mjs';
import { findGap, stretch } from './stretch.mjs';
import { label } from './truth.mjs';

/** The lines that an internal host's injection left in the log before a delivery (on another interface, so not in the capture). */
function injection(s) {
  const t = s.injected;
  const m = s.mid;
  const lines = [
    `New SMTP ICID ${s.icid} interface Data 2 (198.18.5.25) address 198.18.5.80 reverse dns host exch1.corp.example verified yes`,
    `ICID ${s.icid} RELAY SG RELAY_SG match 198.18.5.80 SBRS not enabled`,
    `Start MID ${m} ICID ${s.icid}`,
    `MID ${m} ICID ${s.icid} From: <boss@corp.example>`,
    ...(s.deliver.rcpts ?? ['user@remote.example']).map((r, k) => `MID ${m} ICID ${s.icid} RID ${k} To: <${r}>`),
    `MID ${m} Message-ID '<${m}.corp@exch1.corp.example>'`,
    `MID ${m} Subject 'quarterly report'`,
    `MID ${m} ready ${s.deliver.bytes ?? 3033} bytes from <boss@corp.example>`,
    `ICID ${s.icid} close`,
    `MID ${m} matched all recipients for per-recipient policy DEFAULT in the outbound table`,
    `MID ${m} interim verdict using engine: CASE spam negative`,
    `MID ${m} antivirus negative`,
    `MID ${m} queued for delivery`,
  ];
  return lines.map((line) => ({ t, line }));
}

/** Writes a case folder from a run; gives the contradictions found, in which case nothing is written. */
export function writeCase(scenario, run, out) {
  const rnd = seeded(`${scenario.id}-dress`);
  const log = scenario.log ?? {};
  const dress = { zone: log.zone ?? rnd.pick(ZONES), offset: log.offset ?? rnd.pick(OFFSETS), version: rnd.pick(VERSIONS) };
  const form = scenario.form ?? rnd.pick(FORMS);
  const recorded = Object.fromEntries(Object.entries(run.captures).map(([point, path]) => [point, readPcap(path)]));
  const gap = scenario.stretch ? findGap(recorded.esa, scenario.stretch) : null;
  const raw = gap ? Object.fromEntries(Object.entries(recorded).map(([point, capture]) => [point, stretch(capture, gap)])) : recorded;
  const produced = [];
  const files = {};
  for (const [point, capture] of Object.entries(raw)) {
    const edited = edit(capture, [...(scenario.edits?.[point] ?? []), ...(scenario.days ? [['shift', scenario.days * 86400]] : [])], run.port);
    const parts = scenario.split?.[point] ? cut(edited, scenario.split[point], run.port) : [edited];
    files[point] = parts.map((part, k) => {
      const { octets, ending } = writeCapture(part, form, scenario.drops);
      const name = `${point}${parts.length > 1 ? k + 1 : ''}.${ending}`;
      produced.push([name, scenario.truncate?.[point] ? octets.subarray(0, octets.length - scenario.truncate[point]) : octets]);
      return name;
    });
  }
  let entries = [
    ...run.appliance,
    ...run.sessions.filter((s) => s.deliver).flatMap((s, k) => [...(s.again >= 0 && s.again < k ? [] : injection(s)), ...s.player.records]),
  ]
    .filter((r) => r.ev === 'log' || (r.line && !r.ev))
    .sort((a, b) => a.t - b.t);
  if (gap) entries = entries.map((e) => (e.t * 1e6 > gap.at ? { ...e, t: e.t + gap.us / 1e6 } : e));
  if (scenario.days) entries = entries.map((e) => ({ ...e, t: e.t + scenario.days * 86400 }));
  if (log.keep) entries = entries.filter((e) => log.keep.test(e.line));
  if (log.drop) entries = entries.filter((e) => !log.drop.test(e.line));
  if (log.until) {
    const at = entries.findIndex((e) => log.until.test(e.line));
    if (at >= 0) entries = entries.slice(0, at + 1);
  }
  if (log.from) {
    const at = entries.findIndex((e) => log.from.test(e.line));
    if (at >= 0) entries = entries.slice(at);
  }
  if (log.crowd) entries = log.crowd(entries, run).sort((a, b) => a.t - b.t);
  const logs = {};
  if (!log.none && entries.length > 0) {
    const name = log.file ?? 'mail_logs.log';
    const turn = log.rotate ? entries.findIndex((e) => log.rotate.test(e.line)) : -1;
    const parts = turn > 0 ? [entries.slice(turn), entries.slice(0, turn)] : [entries];
    logs.mail_logs = parts.map((_, k) => (k ? `${name}.${k}` : name));
    for (const [k, part] of parts.entries()) produced.push([logs.mail_logs[k], Buffer.from(renderLog(part, { ...dress, form: log.form }), 'utf8')]);
  }
  if (log.other) {
    logs.mail_logs.push('esa2_mail_logs.log');
    produced.push(['esa2_mail_logs.log', Buffer.from(renderLog(log.other(entries), { ...dress, serial: '4229C3D1A7E0-7F8E9D0C1B2A' }), 'utf8')]);
  }
  const debug = run.appliance.filter((r) => r.ev === 'debug');
  if (debug.length > 0) {
    logs.injection_debug = ['injection_debug.log'];
    produced.push(['injection_debug.log', Buffer.from(renderLog(debug, dress), 'utf8')]);
  }
  const truth = label(scenario, run, raw, files, logs, dress);
  const { wrong, held } = check(scenario, run, truth);
  if (wrong.length > 0) return wrong;
  truth.verified = held;
  for (const s of truth.sessions) delete s.check;
  const dir = join(out, scenario.id);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  for (const [name, octets] of produced) writeFileSync(join(dir, name), octets);
  writeFileSync(join(dir, 'truth.json'), `${JSON.stringify(truth, null, 1)}\n`);
  return [];
}

/** The capture in several files: one per span of seconds, or one per direction ('side'). */
function cut(capture, by, port) {
  const parts = [];
  for (const p of capture.packets) {
    const k = by === 'side' ? Number(decode(p.data)?.sport === port) : Math.floor((p.us - capture.packets[0].us) / (by * 1e6));
    parts[k] ??= [];
    parts[k].push(p);
  }
  return parts.filter(Boolean).map((packets) => ({ ...capture, packets }));
}
