import { SingleBar } from 'cli-progress';

import { counted, plural, rate, seconds, Stopwatch } from './figures';
import type { Output } from './io';

const linePeriodMs = 2_000;

/** How far a long command is: a bar on a terminal, else a line every two seconds. */
export class Progress {
  readonly #stopwatch = new Stopwatch();
  readonly #output: Output;
  readonly #verb: string;
  readonly #total: number | undefined;
  readonly #noun: string;
  readonly #bar: SingleBar | undefined;
  #done = 0;
  #lastLineMs = 0;

  /**
   * @param verb - what was done to entries: `imported`
   * @param total - how many entries there are, where that is known
   * @param noun - what one of them is called
   */
  constructor(output: Output, verb: string, total?: number, noun = 'entry') {
    this.#output = output;
    this.#verb = verb;
    this.#total = total;
    this.#noun = noun;
    if (output.isTTY !== true) return;
    const counts = total === undefined ? '{value}' : '[{bar}] {percentage}% {value}/{total}';
    this.#bar = new SingleBar({
      stream: output,
      format: `${verb} ${counts} ${plural(noun)}, {rate}`,
      clearOnComplete: true,
      hideCursor: true,
      barsize: 30,
    });
    this.#bar.start(total ?? 0, 0, { rate: '' });
  }

  get done(): number {
    return this.#done;
  }

  get elapsedMs(): number {
    return this.#stopwatch.elapsedMs;
  }

  /** One more entry. */
  advance(): void {
    this.#done += 1;
    const { elapsedMs } = this;
    if (this.#bar) {
      this.#bar.update(this.#done, { rate: rate(this.#done, elapsedMs) });
    } else if (elapsedMs - this.#lastLineMs >= linePeriodMs) {
      this.#lastLineMs = elapsedMs;
      const of = this.#total === undefined ? '' : ` of ${this.#total}`;
      this.#output.write(
        `${this.#verb} ${this.#done}${of} ${plural(this.#noun)}, ${rate(this.#done, elapsedMs)}\n`,
      );
    }
  }

  /** Takes the bar away. To be called in any case: it keeps a timer. */
  stop(): void {
    this.#bar?.stop();
  }

  /** `imported 1,234 entries in 0.567 s (2,176/s)` */
  get summary(): string {
    const { done, elapsedMs } = this;
    return `${this.#verb} ${counted(done, this.#noun)} in ${seconds(elapsedMs)} (${rate(done, elapsedMs)})`;
  }
}
