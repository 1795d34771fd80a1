import type { Conversation } from './conversation.ts';
import { hideCommand } from './credentials.ts';
import type { Unanswered } from './reply-queue.ts';

/** A command proved to be part of authentication although it did not look so (its verb was masked): what it held goes. */
export function conceal(talk: Conversation, entry: Unanswered): void {
  if (entry.known) return;
  const { command } = entry;
  talk.authSeen = true;
  for (const oddity of talk.recentOddities) if (oddity.at.atUs === entry.atUs) oddity.text = '';
  if (!command) return;
  const { verb, argument } = command;
  hideCommand(command);
  if (command.verb !== verb) {
    talk.secrets.remember(verb);
    entry.verb = command.verb;
    if (talk.earlyClient?.text === verb) talk.earlyClient = { ...talk.earlyClient, text: '' };
  }
  if (command.argument !== argument) talk.secrets.remember(argument);
}
