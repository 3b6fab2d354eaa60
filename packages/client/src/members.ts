import type { Address } from '@jbstore/network/port';

/** Which members are worth asking. Only hints: nothing that is promised depends on them. */
export class Members {
  readonly #reached = new Set<Address>();
  readonly #silent = new Set<Address>();
  #suspected: ReadonlySet<Address> = new Set();

  reach(member: Address): void {
    this.#reached.add(member);
    this.#silent.delete(member);
  }

  lose(member: Address): void {
    this.#reached.delete(member);
  }

  /** It let a request wait for too long. */
  silence(member: Address): void {
    this.#silent.add(member);
  }

  /** It has answered a request. */
  hear(member: Address): void {
    if (this.#silent.size > 0) this.#silent.delete(member);
  }

  suspect(suspected: readonly Address[]): void {
    this.#suspected = new Set(suspected);
  }

  /** It has answered since it was connected: it is there, and lets us in. */
  isReached(member: Address): boolean {
    return this.#reached.has(member);
  }

  /** It has answered of late, and no other member suspects it. */
  isTrusted(member: Address): boolean {
    return !this.#silent.has(member) && !this.#suspected.has(member);
  }
}
