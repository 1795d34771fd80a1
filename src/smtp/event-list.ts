import type { DialogueEvent } from '../model/smtp.ts';
import { BoundedList } from './bounded-list.ts';

export type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** The words so far, each marked with how it came to be known. */
export class EventList extends BoundedList<Draft<DialogueEvent>> {
  /** What is added now comes out of TLS. */
  decrypted = false;

  override add(event: Draft<DialogueEvent>): number {
    if (this.decrypted && event.kind !== 'tls' && event.kind !== 'gap') event.decrypted = true;
    return super.add(event);
  }
}
