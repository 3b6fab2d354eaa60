import type { Tape } from './tape';

/** What a script needs of the test that it is part of; {@link Harness} and {@link Processes} have it. */
export interface Stage {
  readonly tape: Tape;
  start(): void;
  settle(): void;
  advance(ms: number): void;
}
