/** Long work that stops after each of its steps, so that something else may be done in between. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Does all of it at once. */
export function runSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
