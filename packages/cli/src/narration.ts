import { seconds, Stopwatch } from './figures';
import type { Io } from './io';

/** Tells what happens as it happens, with the time since the beginning. */
export class Narration {
  readonly #stopwatch = new Stopwatch();
  readonly #io: Io;
  readonly #json: boolean;

  constructor(io: Io, json: boolean) {
    this.#io = io;
    this.#json = json;
  }

  /** @param fields - what programs may want to know of it */
  tell(event: string, text: string, fields: object): void {
    const atMs = this.#stopwatch.elapsedMs;
    const line = this.#json
      ? JSON.stringify({ event, atMs: Math.round(atMs), text, ...fields })
      : `[${seconds(atMs).padStart(8)}] ${text}`;
    this.#io.stdout.write(`${line}\n`);
  }

  /** A line without a time. */
  print(text: string): void {
    this.#io.stdout.write(this.#json ? `${JSON.stringify({ text })}\n` : `${text}\n`);
  }
}
