import type { Conversation } from './conversation.ts';

/** A challenge, or the outcome of an AUTH (RFC 4954, 4). */
export function authAnswered(talk: Conversation, code: number): void {
  // Where the client did not wait, what it says next is no answer to this challenge.
  if (code === 334 && talk.queue.length === 0 && (talk.mode === 'commands' || talk.mode === 'uncertain')) talk.mode = 'challenge';
  if (code >= 200 && code < 300) talk.authenticated = true;
}
