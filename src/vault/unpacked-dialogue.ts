import type { SmtpDialogue } from '../model/smtp.ts';

/** What was said word by word: most of a dialogue, and of no interest to who looks over all of them. */
export type DialogueCourse = Pick<SmtpDialogue, 'events' | 'greeting' | 'stages'>;
export type DialogueHead = Omit<SmtpDialogue, keyof DialogueCourse>;

/** A dialogue whose course is unpacked when somebody asks for it. */
export class UnpackedDialogue implements SmtpDialogue {
  readonly client: SmtpDialogue['client'];
  readonly isSmtp: boolean;
  readonly eventsDropped: number;
  readonly heloName: string | null;
  readonly esmtp: boolean;
  readonly capabilities: SmtpDialogue['capabilities'];
  readonly transactions: SmtpDialogue['transactions'];
  readonly tls: SmtpDialogue['tls'];
  readonly starttlsRefused: boolean;
  readonly quit: number | null;
  readonly authenticated: boolean;
  readonly xclient: string | null;
  readonly owes: SmtpDialogue['owes'];
  readonly longestClientPauseUs: number;
  readonly longestServerPauseUs: number;
  readonly gaps: SmtpDialogue['gaps'];
  readonly #unpack: () => DialogueCourse;
  #course: DialogueCourse | null = null;

  constructor(head: DialogueHead, unpack: () => DialogueCourse) {
    this.client = head.client;
    this.isSmtp = head.isSmtp;
    this.eventsDropped = head.eventsDropped;
    this.heloName = head.heloName;
    this.esmtp = head.esmtp;
    this.capabilities = head.capabilities;
    this.transactions = head.transactions;
    this.tls = head.tls;
    this.starttlsRefused = head.starttlsRefused;
    this.quit = head.quit;
    this.authenticated = head.authenticated;
    this.xclient = head.xclient;
    this.owes = head.owes;
    this.longestClientPauseUs = head.longestClientPauseUs;
    this.longestServerPauseUs = head.longestServerPauseUs;
    this.gaps = head.gaps;
    this.#unpack = unpack;
  }

  get events(): SmtpDialogue['events'] {
    return this.#all.events;
  }

  get greeting(): SmtpDialogue['greeting'] {
    return this.#all.greeting;
  }

  get stages(): SmtpDialogue['stages'] {
    return this.#all.stages;
  }

  get #all(): DialogueCourse {
    return (this.#course ??= this.#unpack());
  }
}
