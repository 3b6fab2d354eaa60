import { invariant } from '@jbstore/core';
import { parseAddress, type Address } from '@jbstore/network/port';

import type { Join, Settings } from './messages';
import { replacedRefusal, settingsRefusal, wrongAddressRefusal, type Refusal } from './refusals';
import { endpointOf } from './view';

/** Former lives are remembered as long as a message of theirs may be on its way; so many will do. */
const mostFormerLives = 1000;

/** The first node's list of who has joined, until the group is complete. */
export class Roster {
  readonly #settings: Settings;
  readonly #joined: Map<string, Address>;
  readonly #formerLives = new Set<Address>();
  readonly #self: Address;

  constructor(self: Address, settings: Settings) {
    this.#self = self;
    this.#settings = settings;
    this.#joined = new Map([[endpointOf(self), self]]);
  }

  /** How many nodes have joined, the first one included. */
  get joined(): number {
    return this.#joined.size;
  }

  get complete(): boolean {
    return this.joined === this.#settings.nodes;
  }

  get waitingFor(): string {
    const { nodes } = this.#settings;
    return `${this.joined} of ${nodes} nodes have joined; waiting for ${nodes - this.joined} more`;
  }

  /** Undefined if the joiner is welcome. */
  refusalOf({ source, address, settings }: Join): Refusal | undefined {
    const { id, host } = parseAddress(source);
    const endpoint = endpointOf(source);
    const isReachable = id !== undefined && host !== undefined;
    if (address !== source || !isReachable || endpoint === endpointOf(this.#self)) {
      return wrongAddressRefusal(address, source);
    }
    if (this.#formerLives.has(source)) return replacedRefusal(source);
    return settingsRefusal(this.#settings, settings);
  }

  /**
   * Counts a joiner. One that joined before from the same host and port is dead and leaves the list.
   * Returns false if it is on the list already.
   */
  add(joiner: Address): boolean {
    invariant(!this.complete, 'nobody joins a complete group');
    const endpoint = endpointOf(joiner);
    const former = this.#joined.get(endpoint);
    if (former === joiner) return false;
    if (former !== undefined) this.#bury(former);
    this.#joined.set(endpoint, joiner);
    return true;
  }

  /** Who has joined, the first node first. */
  get members(): readonly Address[] {
    return [...this.#joined.values()];
  }

  #bury(former: Address): void {
    this.#formerLives.add(former);
    const [oldest] = this.#formerLives;
    if (oldest !== undefined && this.#formerLives.size > mostFormerLives) {
      this.#formerLives.delete(oldest);
    }
  }
}
