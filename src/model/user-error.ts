/** A mistake or a missing thing that the person at the keyboard can mend: shown as one line and a hint, never as a stack trace. */
export class UserError extends Error {
  readonly code: 'usage' | 'no-input' | 'unreadable' | 'disagreement';
  readonly hint: string | null;

  constructor(code: UserError['code'], message: string, hint: string | null = null) {
    super(message);
    this.name = 'UserError';
    this.code = code;
    this.hint = hint;
  }
}
