import { Queue, type RequiredPort } from '@jbstore/core';
import type { Address, Network } from '@jbstore/network/port';
import { GlancedMessage, NotFoundReply, ValueReply, valueLimitBytes } from '@jbstore/store/port';

import type { Call } from './call';

/** So much may be on its way to one member, or back: well below what a session holds. */
const windowBytes = 16 * 1024 * 1024;

/**
 * Keeps calls back while many bytes are on their way, so that large values do not overflow the sessions
 * that carry them. The weight of a mutation is known. That of a get is guessed: as much as the largest
 * answer of late, at first as much as there can be.
 */
export class Flow {
  readonly #bytes = new Map<Address, number>();
  /** Calls that wait for room on the way, oldest first. */
  readonly #held = new Queue<Call>();
  #expectedBytes = valueLimitBytes;

  constructor(network: RequiredPort<typeof Network>) {
    const came = (value: Uint8Array): void => {
      this.#expectedBytes = Math.max(value.length, this.#expectedBytes / 2);
    };
    network.upon(ValueReply, ({ value }) => {
      came(value);
    });

    network.upon(GlancedMessage, ({ value }) => {
      if (value) came(value);
    });

    network.upon(NotFoundReply, () => {
      this.#expectedBytes /= 2;
    });
  }

  /** Reserves room for `call` on the way to `member`. If there is none for now, it waits: false. */
  take(call: Call, member: Address): boolean {
    this.release(call);
    const bytes = call.mutation ? call.bytes : this.#expectedBytes;
    const taken = this.#bytes.get(member) ?? 0;
    if (taken > 0 && taken + bytes > windowBytes) {
      this.#held.push(call);
      return false;
    }
    this.#bytes.set(member, taken + bytes);
    call.load = { member, bytes };
    return true;
  }

  /** `call` is no longer on its way. */
  release(call: Call): void {
    const { load } = call;
    if (!load) return;
    call.load = undefined;
    this.#bytes.set(load.member, (this.#bytes.get(load.member) ?? 0) - load.bytes);
  }

  /** Has those that wait try again, as far as there is room now: until one of them waits again. */
  resume(dispatch: (call: Call) => void): void {
    for (let waiting = this.#held.length; waiting > 0; waiting -= 1) {
      const call = this.#held.shift();
      if (call) dispatch(call);
      if (this.#held.length >= waiting) return;
    }
  }
}
