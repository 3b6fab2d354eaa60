/** Whom one council member suspects, as it said last. */
type Opinion = ReadonlySet<number>;

/**
 * Who may be evicted (rule V5 of the design): those whom this process has suspected for a grace without a
 * break, and a majority of the council suspects now. So nobody is evicted for one bad link, or one short stall.
 */
export class Accusations {
  /** Since when this process suspects whom, in its own time. */
  readonly #since = new Map<number, number>();
  readonly #opinions = new Map<number, Opinion>();

  /** Rises when something has changed. */
  version = 0;

  get suspected(): ReadonlySet<number> {
    return new Set(this.#since.keys());
  }

  suspect(member: number, nowMs: number): void {
    if (this.#since.has(member)) return;
    this.#since.set(member, nowMs);
    this.version += 1;
  }

  restore(member: number): void {
    if (this.#since.delete(member)) this.version += 1;
  }

  /** The council member `by` suspects `suspected`, and nobody else. */
  hear(by: number, suspected: Opinion): void {
    this.#opinions.set(by, suspected);
  }

  /** Only these are members yet. */
  keep(members: ReadonlySet<number>): void {
    for (const member of this.#since.keys()) if (!members.has(member)) this.#since.delete(member);
    for (const member of this.#opinions.keys()) {
      if (!members.has(member)) this.#opinions.delete(member);
    }
  }

  /** Who may be evicted, by the council of which this process is the member `self`. */
  convicted(
    self: number | undefined,
    council: readonly number[],
    nowMs: number,
    graceMs: number,
  ): Set<number> {
    const judges = council.filter((judge) => judge !== self && !this.#since.has(judge));
    const own = self !== undefined && council.includes(self) ? 1 : 0;
    const convicted = [...this.#since].filter(([member, sinceMs]) => {
      const others = judges.filter((judge) => this.#opinions.get(judge)?.has(member));
      return own + others.length > council.length / 2 && nowMs - sinceMs >= graceMs;
    });
    return new Set(convicted.map(([member]) => member));
  }
}
