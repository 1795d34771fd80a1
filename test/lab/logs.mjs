const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n) => String(n).padStart(2, '0');

/** Seconds that the zone is ahead of UTC at a moment. */
function zoneOffset(zone, ms) {
  const name = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(ms).find((p) => p.type === 'timeZoneName').value;
  const found = /([+-])(\d\d):(\d\d)/.exec(name);
  return found ? (found[1] === '-' ? -1 : 1) * (Number(found[2]) * 3600 + Number(found[3]) * 60) : 0;
}

/** The appliance's stamp: local time, whole seconds, the day padded with a blank. */
function stamp(seconds, zone) {
  const whole = Math.floor(seconds);
  const local = new Date((whole + zoneOffset(zone, whole * 1000)) * 1000);
  return `${DAYS[local.getUTCDay()]} ${MONTHS[local.getUTCMonth()]} ${String(local.getUTCDate()).padStart(2)} ${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())} ${local.getUTCFullYear()}`;
}

function wrap(line, width) {
  const out = [];
  let rest = line;
  while (rest.length > width) {
    const at = rest.lastIndexOf(' ', width);
    if (at <= 0) break;
    out.push(rest.slice(0, at));
    rest = rest.slice(at + 1);
  }
  return [...out, rest];
}

const level = (text) => (text.startsWith('Warning: ') ? text : `Info: ${text}`);

/**
 * Log lines as text. `form`: plain (with the file's header), bare (no header), wrapped (80 columns, blank lines, as pasted), syslog (RFC 3164 prefix), crlf, quoted ("> " before each line).
 */
export function renderLog(entries, { zone, offset, form = 'plain', serial = '564D9A0CBA7E-0F1E2D3C4B5A', version = '14.2.0-620' }) {
  if (entries.length === 0) return '';
  const first = entries[0].t + offset;
  const head = [`Begin Logfile`, `Version: ${version} SN: ${serial}`, `Time offset from UTC: ${zoneOffset(zone, first * 1000)} seconds`].map((text) => ({
    t: entries[0].t,
    line: text,
  }));
  const all = form === 'bare' || form === 'syslog' ? entries : [...head, ...entries];
  const lines = all.map((e) => {
    const at = stamp(e.t + offset, zone);
    return form === 'syslog' ? `<22>${at.slice(4, 19)} esa01 mail_logs: ${level(e.line)}` : `${at} ${level(e.line)}`;
  });
  if (form === 'wrapped') return `${lines.flatMap((l, k) => [...wrap(l, 80), ...(k % 3 === 1 ? [''] : [])]).join('\n')}\n`;
  if (form === 'quoted') return `${lines.map((l) => `> ${l}`).join('\n')}\n`;
  if (form === 'crlf') return `${lines.join('\r\n')}\r\n`;
  return `${lines.join('\n')}\n`;
}
