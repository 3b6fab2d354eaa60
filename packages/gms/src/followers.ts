import type { Address } from '@jbstore/network/port';
import { Timeout } from '@jbstore/timer/port';

/** `client` has not been connected for so long that it is forgotten. */
export class FollowerGone extends Timeout {
  constructor(readonly client: Address) {
    super();
  }
}

/** What there is to remember of a client that follows. */
interface Follower {
  /** The epoch of the newest view that it knows; 0 if it knows none. */
  known: number;
  /** Running while it is not connected. */
  gone: FollowerGone | undefined;
}

/** Who wants to know of every change. A bounded number: the rest must ask again. */
export class Followers {
  readonly #most: number;
  readonly #clients = new Map<Address, Follower>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#clients.size;
  }

  /** A copy: who follows may change while they are told. */
  list(): readonly (readonly [client: Address, known: number])[] {
    return [...this.#clients].map(([client, { known }]) => [client, known]);
  }

  /** Returns false if there are too many already. */
  add(client: Address): boolean {
    if (this.#clients.has(client)) return true;
    if (this.#clients.size >= this.#most) return false;
    this.#clients.set(client, { known: 0, gone: undefined });
    return true;
  }

  /** `client` has been told the view of `epoch`, or has it from elsewhere. */
  knows(client: Address, epoch: number): void {
    const follower = this.#clients.get(client);
    if (follower) follower.known = epoch;
  }

  /** Returns the timeout that is to be cancelled, if one is running. */
  delete(client: Address): FollowerGone | undefined {
    const running = this.#clients.get(client)?.gone;
    this.#clients.delete(client);
    return running;
  }

  /** Returns the timeout that is to be scheduled: undefined for strangers, and while one is running. */
  disconnected(client: Address): FollowerGone | undefined {
    const follower = this.#clients.get(client);
    if (!follower || follower.gone) return undefined;
    follower.gone = new FollowerGone(client);
    return follower.gone;
  }

  /** Returns the timeout that is to be cancelled, if one is running. */
  connected(client: Address): FollowerGone | undefined {
    const follower = this.#clients.get(client);
    const running = follower?.gone;
    if (follower) follower.gone = undefined;
    return running;
  }

  /** True if `timeout` is the one that is running for its client. */
  isRunning(timeout: FollowerGone): boolean {
    return this.#clients.get(timeout.client)?.gone === timeout;
  }
}
