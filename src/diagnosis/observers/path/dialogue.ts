import type { SmtpCommand, SmtpDialogue } from '../../../model/smtp.ts';
import { party } from '../../finding.ts';
import { saw } from '../../observation.ts';
import { NOTHING, type PathObserver } from './observer.ts';

/** The final dot came in more than one segment, and nobody answered it: PIX of around 2001 lost it (CSCds90792, as the Postfix FAQ tells it). */
export const splitEndOfData: PathObserver = {
  name: 'split-end-of-data',
  blindWhen: ['TLS', 'captures that join segments (offload)'],
  observe(view) {
    const { dialogue, roles, segments } = view.scene;
    const end = dialogue.events.findLast((event) => event.kind === 'data-end');
    if (end?.kind !== 'data-end' || end.reply !== null || view.ending?.kind === 'quit') return NOTHING;
    const last = segments.find((segment) => segment.packet === end.at.packet.number && segment.input === end.at.packet.input);
    if (!last || last.side !== roles.client || last.length >= LAST_LINE) return NOTHING;
    return [{ observation: saw('end-of-data-split', { by: party(view, roles.client) }, [end.at.packet]), interference: null }];
  },
};

/** Dot, CR and LF (RFC 5321, 4.1.1.4): in a segment of their own they are what that device understands. */
const LAST_LINE = 3;

/** The last thing heard of a client was several commands in one segment, and none of them was answered. */
export const cutAfterPipelining: PathObserver = {
  name: 'cut-after-pipelining',
  blindWhen: ['TLS', 'sessions that ended with a word'],
  observe(view) {
    const { dialogue, roles } = view.scene;
    if (view.ending?.kind === 'quit' || view.ending?.kind === 'notice') return NOTHING;
    const commands = commandsOf(dialogue);
    const last = commands.at(-1);
    if (!last || last.verb === 'QUIT') return NOTHING;
    const together = commands.filter(
      (command) => command.completedBy.number === last.completedBy.number && command.completedBy.input === last.completedBy.input,
    );
    if (together.length < 2 || together.some((command) => command.reply !== null)) return NOTHING;
    return [{ observation: saw('cut-after-pipelining', { by: party(view, roles.client), commands: together.length }, [last.completedBy]), interference: null }];
  },
};

/** RSET, then the very same envelope again: a filter on the sending host looks at the mail between (Symantec and others). */
export const replayedDialogue: PathObserver = {
  name: 'replayed-dialogue',
  blindWhen: ['TLS'],
  observe(view) {
    const { dialogue, roles } = view.scene;
    const { transactions, events } = dialogue;
    if (transactions.length < 2) return NOTHING;
    const replays = transactions.filter((transaction, i) => {
      const before = transactions[i - 1];
      const reset = before?.withdrawnBy == null ? undefined : events[before.withdrawnBy];
      if (!before || reset?.kind !== 'command' || reset.verb !== 'RSET' || before.recipients.length === 0) return false;
      return envelope(before) === envelope(transaction);
    });
    const [first] = replays;
    const mail = first && first.mail >= 0 ? events[first.mail] : undefined;
    if (!first || mail?.kind !== 'command') return NOTHING;
    return [{ observation: saw('dialogue-replayed', { by: party(view, roles.client), times: replays.length }, [mail.at.packet]), interference: null }];
  },
};

function envelope({ reversePath, recipients }: SmtpDialogue['transactions'][number]): string {
  return [reversePath, ...recipients.map(({ forwardPath }) => forwardPath)].join('\n').toLowerCase();
}

function commandsOf({ events }: SmtpDialogue): SmtpCommand[] {
  return events.filter((event): event is SmtpCommand => event.kind === 'command' && event.complete);
}
