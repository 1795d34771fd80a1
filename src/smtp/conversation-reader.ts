import type { SmtpReply } from '../model/smtp.ts';
import type { Draft } from './event-list.ts';
import type { Unanswered } from './reply-queue.ts';

/** What a conversation asks of whoever reads both of its streams. */
export interface ConversationReader {
  /** Applies a reply that came before its command. */
  answer(entry: Unanswered, ordinal: number, reply: Draft<SmtpReply>): void;
  /** Ends a body whose end only the reply tells. */
  endBody(): void;
}
