// Random SMTP sessions with every end there is: what each side says, record by record, with the truth about it.
import { SERVERS } from './texts.mjs';

const WORDS = ['billing', 'news', 'a.long.name', 'jo', 'postmaster', 'bounce+2026-1121', 'support', 'x', 'maria.schmidt', 'no-reply', 'sales', 'list-request'];
const DOMAINS = ['client.example', 'mail.example.org', 'corp.example', 'a.example', 'newsletter.shop.example.com', 'uni.example.net', 'example.com'];
const HOSTS = ['mail.client.example', 'mx1.example.org', 'outbound-17.relay.example.com', 'smtp.example', 'exch1.corp.example'];
const SERVER_HOSTS = ['esa.example.net', 'mx.example.net', 'ironport1.mail.example.net', 'gw.example', 'in-2.example.org'];

/** Where a session is cut. */
const CUTS = ['hello', 'mail', 'rcpt', 'data', 'body', 'dot', 'accepted'];
const MANNERS = ['fin', 'close-fin', 'rst', 'timeout', 'open'];

/** One session: {server, envelopes, steps, end, truth}. A step is {by: 'C'|'S', text, words, pause}: what one write holds, and what that is. */
export function writeScript(random) {
  const { below, pick } = random;
  const chance = (p) => below(1000) < p * 1000;
  const inbound = chance(0.7);
  const name = inbound ? 'asyncos' : pick(['postfix', 'postfix', 'exim', 'exchange', 'exchange', 'sendmail', 'qmail', 'haraka', 'mdaemon']);
  const server = SERVERS[name];
  const host = inbound ? pick(SERVER_HOSTS) : pick(HOSTS);
  const helo = inbound ? pick(HOSTS) : pick(SERVER_HOSTS);
  const offers = server.offers(host);
  if (inbound && chance(0.4)) offers.push('PIPELINING');
  const pipelining = offers.includes('PIPELINING') && chance(0.6);
  const steps = [];
  const state = { stage: 'starttls', quit: false, ended: 0, accepted: 0, answered: true, notice: false, open: false };
  const say = (by, lines, words, pause = 0) => steps.push({ by, text: `${lines.join('\r\n')}\r\n`, words, pause, stage: state.stage });
  const envelopes = [];
  const finish = (end, extra = {}) => ({ name, inbound, host, helo, offers, steps, envelopes, end, state, ...extra });

  const cutAt = chance(0.45) ? pick(CUTS) : null;
  const manner = pick(MANNERS);
  const cutIn = cutAt === null ? -1 : below(2);
  /** The session ends here without QUIT. */
  const cut = () => {
    if (manner === 'timeout') {
      say('S', [server.late(host)], ['notice'], 300);
      state.notice = true;
      return finish('server-close');
    }
    return finish(manner);
  };

  say('C', [`EHLO ${helo}`], ['EHLO']);
  const inside = offers.filter((offer) => offer !== 'STARTTLS');
  if (chance(0.15)) inside.push('AUTH LOGIN PLAIN');
  state.stage = 'helo';
  say(
    'S',
    inside.map((offer, i) => `250${i === inside.length - 1 ? ' ' : '-'}${offer}`),
    ['reply EHLO yes'],
  );
  if (cutAt === 'hello') return cut();
  if (chance(0.06)) {
    state.stage = 'auth';
    if (chance(0.5)) {
      say('C', [`AUTH PLAIN ${'A'.repeat(4 * (6 + below(12)))}`], ['AUTH']);
    } else {
      say('C', ['AUTH LOGIN'], ['AUTH']);
      say('S', ['334 VXNlcm5hbWU6'], ['reply AUTH yes']);
      say('C', ['A'.repeat(4 * (3 + below(8)))], ['AUTH-answer']);
      say('S', ['334 UGFzc3dvcmQ6'], ['reply AUTH-answer yes']);
      say('C', ['A'.repeat(4 * (3 + below(6)))], ['AUTH-answer']);
    }
    say('S', [server.auth()], [`reply ${steps.at(-1).words[0]} yes`]);
  }
  const quit = (together = null) => {
    state.quit = true;
    if (!state.open) state.stage = 'quit';
    if (together === null) say('C', ['QUIT'], ['QUIT']);
    say('S', [server.quit(host)], ['reply QUIT yes']);
    return finish(pick(['both-close', 'both-close', 'server-close', 'client-close', 'fin', 'server-fin', 'quit-rst']));
  };
  if (chance(0.03)) return quit();

  const count = chance(0.72) ? 1 : 2 + below(2);
  for (let at = 0; at < count; at++) {
    const sender = chance(0.08) ? '' : `${pick(WORDS)}@${pick(DOMAINS)}`;
    const recipients = Array.from({ length: chance(0.65) ? 1 : 2 + below(3) }, () => ({ address: `${pick(WORDS)}@${pick(DOMAINS)}`, refused: chance(0.1) }));
    const size = 300 + below(chance(0.3) ? 60_000 : 6000);
    const parameters = chance(0.5) ? (chance(0.5) ? ` SIZE=${size}` : ` SIZE=${size} BODY=8BITMIME`) : chance(0.15) ? ' BODY=8BITMIME' : '';
    const number = inbound
      ? 100_000 + below(9_000_000)
      : `4Z${below(36 ** 6)
          .toString(36)
          .toUpperCase()
          .padStart(6, 'Q')}${100 + below(800)}`;
    const envelope = { sender, recipients, named: [], size, number, fate: null };
    const mail = `MAIL FROM:<${sender}>${parameters}`;
    const rcptTo = ({ address }) => `RCPT TO:<${address}>`;
    const sayRcpt = ({ address, refused }) => (refused ? server.noRcpt(address) : server.rcpt(address));
    const rcptWord = ({ refused }) => `reply RCPT ${refused ? 'no' : 'yes'}`;
    const accepted = recipients.some(({ refused }) => !refused);
    const cutHere = at === Math.min(cutIn, count - 1) ? cutAt : null;
    const grouped = pipelining && cutHere !== 'mail' && accepted && chance(0.8);
    if (grouped) {
      const withData = cutHere !== 'rcpt' && chance(0.7);
      state.open = true;
      state.stage = withData ? 'data-command' : 'rcpt';
      say('C', [mail, ...recipients.map(rcptTo), ...(withData ? ['DATA'] : [])], ['MAIL', ...recipients.map(() => 'RCPT'), ...(withData ? ['DATA'] : [])]);
      envelopes.push(envelope);
      envelope.named = recipients;
      const replies = [server.mail(sender), ...recipients.map(sayRcpt), ...(withData ? [server.data()] : [])];
      const words = ['reply MAIL yes', ...recipients.map(rcptWord), ...(withData ? ['reply DATA yes'] : [])];
      if (chance(0.5)) say('S', replies, words);
      else for (const [i, reply] of replies.entries()) say('S', [reply], [words[i]]);
      if (cutHere === 'rcpt') return cut();
      if (!withData) {
        state.stage = 'data-command';
        say('C', ['DATA'], ['DATA']);
        say('S', [server.data()], ['reply DATA yes']);
      }
    } else {
      state.stage = 'mail';
      say('C', [mail], ['MAIL']);
      envelopes.push(envelope);
      state.open = true;
      say('S', [server.mail(sender)], ['reply MAIL yes']);
      if (cutHere === 'mail') return cut();
      if (chance(0.03)) return quit();
      for (const recipient of recipients) {
        state.stage = 'rcpt';
        say('C', [rcptTo(recipient)], ['RCPT']);
        envelope.named.push(recipient);
        say('S', [sayRcpt(recipient)], [rcptWord(recipient)]);
      }
      if (cutHere === 'rcpt') return cut();
      if (!accepted || chance(0.06)) {
        if (chance(0.5)) {
          envelope.fate = 'withdrawn';
          return quit();
        }
        state.open = false;
        envelope.fate = 'withdrawn';
        state.stage = state.accepted > 0 ? 'idle-after-message' : 'helo';
        say('C', ['RSET'], ['RSET']);
        say('S', [server.rset()], ['reply RSET yes']);
        continue;
      }
      state.stage = 'data-command';
      say('C', ['DATA'], ['DATA']);
      say('S', [server.data()], ['reply DATA yes']);
    }
    if (cutHere === 'data') return cut();
    state.stage = 'data-body';
    const piece = pick([1024, 4096, 8192, 16_384, 16_384]);
    const separate = chance(0.5);
    const octets = size - 2;
    const sent = cutHere === 'body' ? 1 + below(octets) : octets;
    for (let from = 0; from < sent; from += piece) {
      const last = from + piece >= sent;
      const text = 'x'.repeat(Math.min(piece, sent - from));
      if (!last || cutHere === 'body') steps.push({ by: 'C', text, words: ['message'], pause: 0, stage: 'data-body' });
      else if (separate) steps.push({ by: 'C', text: `${text}\r\n`, words: ['message'], pause: 0, stage: 'data-body' });
      else {
        state.stage = 'data-end';
        const leaves = pipelining && at === count - 1 && cutHere === null && chance(0.2);
        state.ended++;
        if (leaves) {
          state.stage = 'quit';
          steps.push({ by: 'C', text: `${text}\r\n.\r\nQUIT\r\n`, words: ['message', 'end-of-data', 'QUIT'], pause: 0, stage: 'quit', or: ['data-end'] });
          envelope.fate = 'accepted';
          state.accepted++;
          state.open = false;
          say('S', [server.end(number)], ['reply end-of-data yes']);
          return quit('together');
        }
        steps.push({ by: 'C', text: `${text}\r\n.\r\n`, words: ['message', 'end-of-data'], pause: 0, stage: 'data-end' });
      }
    }
    if (cutHere === 'body') return manner === 'timeout' ? cut() : finish(manner);
    if (separate) {
      state.stage = 'data-end';
      state.ended++;
      say('C', ['.'], ['end-of-data']);
    }
    if (cutHere === 'dot') {
      state.answered = false;
      return finish(pick(['fin', 'rst', 'open']));
    }
    const refused = chance(0.05);
    state.open = false;
    if (!refused) state.accepted++;
    state.stage = 'idle-after-message';
    envelope.fate = refused ? 'rejected' : 'accepted';
    say('S', [refused ? server.noEnd() : server.end(number)], [`reply end-of-data ${refused ? 'no' : 'yes'}`]);
    if (cutHere === 'accepted') return cut();
    if (chance(0.08)) {
      say('C', ['NOOP'], ['NOOP']);
      say('S', [server.noop()], ['reply NOOP yes']);
    }
    if (at < count - 1 && chance(0.2)) {
      say('C', ['RSET'], ['RSET']);
      say('S', [server.rset()], ['reply RSET yes']);
    }
  }
  return quit();
}
