// Lines that the appliance would have written about a played session.
import { DAYS, MONTHS, two } from '../../bench/parts.mjs';

/** Collects lines with their times; `text` sorts them. */
export class Log {
  #lines = [];
  add(atUs, words) {
    this.#lines.push({ atUs, words, order: this.#lines.length });
  }
  get text() {
    return this.#lines
      .toSorted((a, b) => Math.floor(a.atUs / 1e6) - Math.floor(b.atUs / 1e6) || a.order - b.order)
      .map(({ atUs, words }) => `${stamp(atUs)} Info: ${words}\n`)
      .join('');
  }
}

function stamp(atUs) {
  const d = new Date(atUs / 1000);
  return `${DAYS[d.getUTCDay()]} ${MONTHS[d.getUTCMonth()]} ${two(d.getUTCDate())} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} ${d.getUTCFullYear()}`;
}

const LOST = new Set(['fin', 'close-fin', 'rst']);

/** An injection: `at` gives the time of a record by its index. */
export function logInjection(log, { script, icid, ip, tls, times, random }) {
  const { envelopes, end, state } = script;
  const endUs = times.end;
  log.add(times.open, `New SMTP ICID ${icid} interface Data 1 (192.0.2.25) address ${ip} reverse dns host unknown verified no`);
  log.add(times.open, `ICID ${icid} ACCEPT SG UNKNOWNLIST match sbrs[none] SBRS None`);
  log.add(times.tls, `ICID ${icid} TLS success protocol ${tls.version} cipher ${tls.cipher}`);
  for (const [i, envelope] of envelopes.entries()) {
    const { number: mid, sender, named, size, fate } = envelope;
    const atUs = times.envelopes[i];
    log.add(atUs, `Start MID ${mid} ICID ${icid}`);
    log.add(atUs, `MID ${mid} ICID ${icid} From: <${sender}>`);
    for (const [rid, { address, refused }] of named.entries()) {
      if (!refused) log.add(atUs, `MID ${mid} ICID ${icid} RID ${rid} To: <${address}>`);
      else if (random.below(10) < 7) log.add(atUs, `MID ${mid} ICID ${icid} To: <${address}> Rejected by RAT`);
    }
    const doneUs = times.done[i] ?? endUs;
    const unheard = fate === null && state.ended > 0 && i === envelopes.length - 1 && !state.answered && random.below(2) === 0;
    if (fate === 'accepted' || unheard) log.add(doneUs, `MID ${mid} ready ${size} bytes from <${sender}>`);
    else if (fate === 'withdrawn') log.add(doneUs, `Message aborted MID ${mid} Receiving aborted by sender`);
    else if (end === 'open') continue;
    else if (fate !== 'rejected') log.add(endUs, `Message aborted MID ${mid} Receiving aborted${state.quit && i === envelopes.length - 1 ? ' by sender' : ''}`);
    if (fate !== 'accepted' && !unheard) log.add(fate === null ? endUs : doneUs, `Message finished MID ${mid} aborted`);
  }
  if (end === 'open') return;
  if (!state.quit && LOST.has(end)) log.add(endUs, `ICID ${icid} lost`);
  log.add(endUs, `ICID ${icid} close`);
}

/** A delivery: the messages came in before, over another interface. */
export function logDelivery(log, { script, dcid, ip, tls, times, mids }) {
  const { envelopes, end, steps } = script;
  log.add(times.open, `New SMTP DCID ${dcid} interface 192.0.2.25 address ${ip} port 25`);
  log.add(times.tls, `DCID ${dcid} TLS success protocol ${tls.version} cipher ${tls.cipher}`);
  for (const [i, { sender, named, size, fate, number }] of envelopes.entries()) {
    const mid = mids + i;
    const beforeUs = times.open - 3e6;
    log.add(beforeUs, `Start MID ${mid} ICID ${mid}`);
    log.add(beforeUs, `MID ${mid} ICID ${mid} From: <${sender}>`);
    for (const [rid, { address }] of named.entries()) log.add(beforeUs, `MID ${mid} ICID ${mid} RID ${rid} To: <${address}>`);
    log.add(beforeUs, `MID ${mid} ready ${size} bytes from <${sender}>`);
    const rids = `[${named.map((_, rid) => rid).join(', ')}]`;
    log.add(times.envelopes[i], `Delivery start DCID ${dcid} MID ${mid} to RID ${rids}`);
    if (fate === 'accepted') {
      const reply = steps.find(({ words, text }) => words.includes('reply end-of-data yes') && text.includes(String(number)))?.text.trim();
      log.add(times.done[i], `Message done DCID ${dcid} MID ${mid} to RID ${rids}`);
      if (reply) log.add(times.done[i], `MID ${mid} RID ${rids} Response '${reply.split('\r\n').at(-1).slice(4)}'`);
      log.add(times.done[i], `Message finished MID ${mid} done`);
    }
  }
  if (end !== 'open') log.add(times.end, `DCID ${dcid} close`);
}
