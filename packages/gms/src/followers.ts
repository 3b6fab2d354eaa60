import type { Address } from '@jbstore/network/port';
import { Timeout } from '@jbstore/timer/port';

/** `client` has not been connected for so long that it is forgotten. */
export class FollowerGone extends Timeout {
  constructor(readonly client: Address) {
    super();
  }
}

/** Who wants to know of every change. A bounded number: the rest must ask again. */
export class Followers {
  readonly #most: number;
  /** With the timeout that is running for those which are not connected. */
  readonly #clients = new Map<Address, FollowerGone | undefined>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#clients.size;
  }

  /** A copy: who follows may change while they are told. */
  list(): readonly Address[] {
    return [...this.#clients.keys()];
  }

  /** Returns false if there are too many already. */
  add(client: Address): boolean {
    if (this.#clients.has(client)) return true;
    if (this.#clients.size >= this.#most) return false;
    this.#clients.set(client, undefined);
    return true;
  }

  /** Returns the timeout that is to be cancelled, if one is running. */
  delete(client: Address): FollowerGone | undefined {
    const running = this.#clients.get(client);
    this.#clients.delete(client);
    return running;
  }

  /** Returns the timeout that is to be scheduled: undefined for strangers, and while one is running. */
  disconnected(client: Address): FollowerGone | undefined {
    if (!this.#clients.has(client) || this.#clients.get(client)) return undefined;
    const timeout = new FollowerGone(client);
    this.#clients.set(client, timeout);
    return timeout;
  }

  /** Returns the timeout that is to be cancelled, if one is running. */
  connected(client: Address): FollowerGone | undefined {
    const running = this.#clients.get(client);
    if (running) this.#clients.set(client, undefined);
    return running;
  }

  /** True if `timeout` is the one that is running for its client. */
  isRunning(timeout: FollowerGone): boolean {
    return this.#clients.get(timeout.client) === timeout;
  }
}
