/** What to do one after another; a promise among it is waited for. */
export type Steps = Generator<Promise<void> | void, void>;

/**
 * Runs `steps` to their end. Without a promise among them they end in this turn, and nothing is
 * returned: so they also end in virtual time, in which no promise resolves.
 */
export function promptly(steps: Steps, first = steps.next()): Promise<void> | undefined {
  for (let step = first; !step.done; step = steps.next()) {
    const { value } = step;
    if (!value) continue;
    return Promise.resolve(value).then(
      () => promptly(steps),
      (error: unknown) => promptly(steps, steps.throw(error)),
    );
  }
  return undefined;
}
