/** The answers that clients got: when, and to which key. */
export class Service {
  readonly #startMs = performance.now();
  readonly #answers: { readonly key: string; readonly atMs: number; readonly round: number }[] = [];
  #round = 0;
  readonly #marks: { readonly atMs: number; readonly text: string }[] = [];

  /** The time since the beginning. */
  get nowMs(): number {
    return performance.now() - this.#startMs;
  }

  get answers(): number {
    return this.#answers.length;
  }

  get marks(): readonly { readonly atMs: number; readonly text: string }[] {
    return this.#marks;
  }

  /** Clients begin to ask, and did not for a while: that is no gap in service. */
  begin(): void {
    this.#round += 1;
  }

  answered(key: string): void {
    this.#answers.push({ key, atMs: this.nowMs, round: this.#round });
  }

  /** Something happens that a reader of the picture wants to know. */
  mark(text: string): void {
    this.#marks.push({ atMs: this.nowMs, text });
  }

  /** The longest time without an answer, for each key, and when it began. */
  get gaps(): ReadonlyMap<string, { readonly ms: number; readonly atMs: number }> {
    const last = new Map<string, { readonly atMs: number; readonly round: number }>();
    const gaps = new Map<string, { readonly ms: number; readonly atMs: number }>();
    for (const answer of this.#answers) {
      const { key, atMs, round } = answer;
      const former = last.get(key);
      const before = former?.round === round ? former.atMs : atMs;
      const ms = atMs - before;
      if (ms >= (gaps.get(key)?.ms ?? 0)) gaps.set(key, { ms, atMs: before });
      last.set(key, answer);
    }
    return gaps;
  }

  /** How many answers there were in each period, for each key, or for all. */
  counts(periodMs: number, key?: string): readonly number[] {
    const counts = Array.from({ length: Math.ceil(this.nowMs / periodMs) }, () => 0);
    for (const answer of this.#answers) {
      const period = Math.floor(answer.atMs / periodMs);
      if (key === undefined || answer.key === key) counts[period] = (counts[period] ?? 0) + 1;
    }
    return counts;
  }
}
