import type { MailLog, MessageHistory } from '../model/maillog.ts';
import { TextIndex } from '../model/text-index.ts';

/** What stories ask of all messages together, found in one go: to look at a message may mean to unpack it. */
export interface MessageSurvey {
  /** Places of messages by their Message-ID. */
  readonly byMessageId: TextIndex;
  /** By appliance, the MID of the first start in its logs. */
  readonly firstStarted: ReadonlyMap<string, number>;
  /** Those that went to a quarantine on another box. */
  readonly handedOver: readonly MessageHistory[];
}

export function surveyMessages({ messages }: Pick<MailLog, 'messages'>): MessageSurvey {
  const byMessageId = new TextIndex();
  const firstStarted = new Map<string, number>();
  const handedOver: MessageHistory[] = [];
  let at = 0;
  for (const message of messages) {
    if (message.messageId !== null) byMessageId.add(message.messageId, at);
    // The first starts of a log are its lowest numbers, but for what interleaves; a reset of the counters comes later.
    if (message.started !== null && !firstStarted.has(message.appliance)) firstStarted.set(message.appliance, message.mid);
    if (message.handedOver !== null) handedOver.push(message);
    at++;
  }
  return { byMessageId, firstStarted, handedOver };
}
