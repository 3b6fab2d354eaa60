import type { Address } from '@jbstore/network/port';

import { indexOf } from './slots';
import type { View } from './view';

/** Whom one council member suspects, as it said last. */
type Opinion = ReadonlySet<number>;

/**
 * Who may be evicted (rule V5 of the design): those whom this process has suspected for a grace without a
 * break, and a majority of the council suspects now. So nobody is evicted for one bad link, or one short stall.
 *
 * What is said before there is a view counts as well: nobody says it again.
 */
export class Accusations {
  /** Since when this process suspects whom, in its own time. */
  readonly #since = new Map<Address, number>();
  readonly #opinions = new Map<Address, Opinion>();
  #view: View | undefined;

  /** Rises when something has changed. */
  version = 0;

  /** The members that this process suspects. */
  get suspected(): ReadonlySet<number> {
    return new Set(this.#accused().map(([member]) => member));
  }

  suspect(process: Address, nowMs: number): void {
    if (this.#since.has(process)) return;
    this.#since.set(process, nowMs);
    this.version += 1;
  }

  restore(process: Address): void {
    if (this.#since.delete(process)) this.version += 1;
  }

  /** The council member `by` suspects `suspected`, and nobody else. */
  hear(by: Address, suspected: Opinion): void {
    this.#opinions.set(by, suspected);
  }

  /** Only the members of `view` matter from now on. */
  install(view: View): void {
    this.#view = view;
    for (const known of [this.#since, this.#opinions]) {
      for (const process of known.keys()) {
        if (indexOf(view, process) === undefined) known.delete(process);
      }
    }
  }

  /** Which members may be evicted, for all that `self` knows, which is this process. */
  convicted(self: Address, nowMs: number, graceMs: number): Set<number> {
    const council = this.#view?.council ?? [];
    const judges = this.#opinionsOf(council, self);
    const own = council.some((judge) => judge === this.#indexOf(self)) ? 1 : 0;
    const convicted = this.#accused().filter(([member, sinceMs]) => {
      const others = judges.filter((opinion) => opinion.has(member));
      return own + others.length > council.length / 2 && nowMs - sinceMs >= graceMs;
    });
    return new Set(convicted.map(([member]) => member));
  }

  /** Of those in the council who are there, but for `self`. */
  #opinionsOf(council: readonly number[], self: Address): readonly Opinion[] {
    return [...this.#opinions].flatMap(([judge, opinion]) => {
      const member = this.#indexOf(judge);
      const counts = member !== undefined && council.includes(member);
      return counts && judge !== self && !this.#since.has(judge) ? [opinion] : [];
    });
  }

  #accused(): (readonly [member: number, sinceMs: number])[] {
    return [...this.#since].flatMap(([process, sinceMs]) => {
      const member = this.#indexOf(process);
      return member === undefined ? [] : [[member, sinceMs] as const];
    });
  }

  #indexOf(process: Address): number | undefined {
    return this.#view && indexOf(this.#view, process);
  }
}
