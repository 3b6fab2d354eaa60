import type { Address, ConnectionRefused } from '@jbstore/network/port';

import type { Refusal } from './refusals';
import { endpointOf } from './view';

/** What a joiner knows of the first node, until it has the view. */
export class Joining {
  /** Where the first node is looked for. */
  readonly at: Address;
  readonly #nodes: number;
  #first: Address | undefined;
  #joined = 0;
  #isComplete = false;
  #silentMs = 0;

  /** @param nodes - how many make up the group */
  constructor(at: Address, nodes: number) {
    this.at = at;
    this.#nodes = nodes;
  }

  /** The process to which this one has bound itself: it alone may give a view. */
  get first(): Address | undefined {
    return this.#first;
  }

  get waitingFor(): string {
    const where = `the first node at ${endpointOf(this.at)}`;
    return this.#first === undefined
      ? `this node waits for ${where}, which has not answered yet`
      : `this node waits for the view of ${where}: ${this.#joined} of ${this.#nodes} nodes have joined`;
  }

  /**
   * `source` has accepted the join, as the one with `joined` nodes. Returns false if this process is
   * bound to another one.
   */
  accepted(source: Address, joined: number): boolean {
    this.#first ??= source;
    if (this.#first !== source) return false;
    this.#joined = joined;
    this.#silentMs = 0;
    return true;
  }

  /** The group is complete: this process votes in it from now on, and the first node is one of them as others are. */
  complete(): void {
    this.#isComplete = true;
  }

  /** A member of a cluster has answered. Returns false if this process is bound to a first node. */
  noted(): boolean {
    this.#silentMs = 0;
    return this.#first === undefined;
  }

  /** The first node did not answer for `ms` more milliseconds. Returns for how many it did not by now. */
  silentFor(ms: number): number {
    this.#silentMs += ms;
    return this.#silentMs;
  }

  /** Why there is no hope after the network was refused; undefined if that means nothing here. */
  refusalOf({ peer, code, text }: ConnectionRefused): Refusal | undefined {
    const endpoint = endpointOf(peer);
    const isFirst = endpoint === endpointOf(this.at) || peer === this.#first;
    // The others may count on the vote of this process: it gets their view, though the first node is gone.
    if (!isFirst || (this.#isComplete && code === 'ERR_WRONG_PROCESS')) return undefined;
    switch (code) {
      case 'ERR_FOREIGN_CLUSTER':
        return { code: 'foreign-cluster', text: `another cluster answers at ${endpoint}: ${text}` };
      case 'ERR_PROTOCOL_VERSION':
        return { code: 'protocol-version', text: `another version runs at ${endpoint}: ${text}` };
      case 'ERR_WRONG_PROCESS':
        return {
          code: 'first-node-restarted',
          text:
            `the first node at ${endpoint} was restarted while this node waited for its view, which ` +
            'may be with others already: start this node again',
        };
      case 'ERR_REFUSED':
        return { code: 'refused', text: `${endpoint} does not let this node in: ${text}` };
    }
  }
}
