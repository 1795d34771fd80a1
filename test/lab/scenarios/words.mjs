/** Steps of a client and labels of a truth, as short words. */
export const connect = { op: 'connect' };
export const hear = { op: 'recv' };
export const pause = (s) => ({ op: 'sleep', s });
export const put = (text) => ({ op: 'send', text: `${text}\r\n` });
export const raw = (text) => ({ op: 'send', text });
export const say = (text) => [put(text), hear];
export const greet = [connect, hear];
export const ehlo = say('EHLO mail.client.example');
export const mail = [pause(0.12), say('MAIL FROM:<sender@client.example>')];
export const rcpt = [pause(0.12), say('RCPT TO:<rcpt@example.net>')];
export const data = say('DATA');
export const upToRcpt = [greet, ehlo, mail, rcpt];
export const upToData = [upToRcpt, data];
export const body = (n = 3000, more = {}) => ({ op: 'body', n, ...more });
export const dot = [raw('.\r\n'), hear];
export const message = [data, body(3000), dot];
export const eof = { op: 'eof' };
export const until = (timeout) => ({ op: 'eof', timeout });
export const quit = [put('QUIT'), eof];
export const close = { op: 'close' };
export const rst = { op: 'rst' };
export const kill = { op: 'kill' };
export const shut = { op: 'shut' };
/** A body that is cut somewhere on its way, and a chunk of one (RFC 3030). */
export const flow = { op: 'body', n: 9000, chunk: 900, gap: 0.08, soft: true };
export const chunk = (n, last = '') => [put(`BDAT ${n}${last}`), { op: 'body', n: n + 200, upto: n }];
export const startTls = (more = {}) => [say('STARTTLS'), { op: 'tls', ...more }];
export const signal = (name) => ({ op: 'signal', name });

const USUAL = {
  'premature-fin/client': ['client-quit/*/*', 'rst/*/*', 'timeout/*/*', 'completed/*/*', '*/middlebox/*'],
  'rst/client': ['client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*', '*/middlebox/*>=0.7'],
  'rst/middlebox': ['*/client/*', '*/appliance/*', 'client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*'],
  'timeout/appliance': ['premature-fin/*/*', 'client-quit/*/*', 'silent-drop/*/*', 'timeout/client/*', '*/middlebox/*'],
  'timeout/client': ['*/middlebox/*', 'completed/*/*', '*/appliance/*'],
  'completed/client': ['premature-fin/*/*', 'rst/*/*', '*/middlebox/*'],
  'client-quit/client': ['premature-fin/*/*', 'completed/*/*', '*/middlebox/*', 'timeout/*/*'],
  'rejected/appliance': ['*/middlebox/*', 'silent-drop/*/*', 'premature-fin/*/*'],
  'rst/appliance': ['*/middlebox/*', 'silent-drop/*/*', '*/client/*', 'timeout/*/*'],
  'completed/appliance': ['premature-fin/*/*', 'rst/*/*', '*/middlebox/*', 'timeout/*/*'],
  'premature-fin/remote-server': ['*/appliance/*', 'completed/*/*', 'client-quit/*/*', '*/middlebox/*'],
  'rst/remote-server': ['*/appliance/*', 'completed/*/*', 'client-quit/*/*', '*/middlebox/*>=0.7'],
  'rejected/remote-server': ['completed/*/*', '*/middlebox/*', 'premature-fin/*/*'],
  'timeout/remote-server': ['silent-drop/*/*', '*/middlebox/*', 'rst/*/*'],
};

/** A label: 'cause/actor/stage', sure unless said otherwise; `not` defaults to what is usually wrong beside it. */
export function truth(verdict, more = {}) {
  const [cause, actor, stage] = verdict.split('/');
  const { accept = [], acceptStage = [], certain = true, ...rest } = more;
  return { cause, actor, stage, accept, acceptStage, certain, ...rest, mustNot: more.not ?? USUAL[`${cause}/${actor}`] ?? [] };
}

/** Labels of common ends, and what the appliance's socket returned. */
export const fin = (stage, more) => truth(`premature-fin/client/${stage}`, more);
export const reset = (stage, more) => truth(`rst/client/${stage}`, more);
export const left = (stage, more) => truth(`client-quit/client/${stage}`, more);
export const idle = (stage, more) => truth(`timeout/appliance/${stage}`, { silent: 'client', ...more });
export const FIN = { end: 'eof', order: 'cF' };
export const RST = { end: 'reset', order: 'cR' };
/** Of what went well. */
export const fine = { not: ['rst/*/*', 'premature-fin/*/*', 'timeout/*/*', 'silent-drop/*/*', '*/middlebox/*', 'rejected/*/*', 'client-quit/*/*'] };

/** What happens beside the steps, and to the recorded files. */
export const hook = (at, more) => ({ hooks: [{ at, ...more }] });
export const esa = (...edits) => ({ edits: { esa: edits } });

/** One inbound session. */
export const one = (steps, label, expect, more = {}) => [{ label: 's1', steps, truth: label, expect, ...more }];
/** One delivery. */
export const delivery = (deliver, remote, label, expect, more = {}) => [{ label: 'd1', deliver, remote, truth: label, expect, ...more }];
