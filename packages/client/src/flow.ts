import type { Address } from '@jbstore/network/port';
import { Put, valueLimitBytes } from '@jbstore/store/port';

import type { Call } from './call';

/** So much may be on its way to one member, or back: well below what a session holds. */
const windowBytes = 16 * 1024 * 1024;

/**
 * Keeps calls back while many bytes are on their way, so that large values do not overflow the sessions
 * that carry them. The weight of a put is known. That of a get is guessed: as much as the largest
 * answer of late, at first as much as there can be.
 */
export class Flow {
  readonly #bytes = new Map<Address, number>();
  readonly #loads = new Map<Call, { readonly member: Address; readonly bytes: number }>();
  #expectedBytes = valueLimitBytes;

  /** Reserves room for `call` on the way to `member`. Returns false if there is none for now. */
  take(call: Call, member: Address): boolean {
    this.release(call);
    const bytes = call.request instanceof Put ? call.request.value.length : this.#expectedBytes;
    const taken = this.#bytes.get(member) ?? 0;
    if (taken > 0 && taken + bytes > windowBytes) return false;
    this.#bytes.set(member, taken + bytes);
    this.#loads.set(call, { member, bytes });
    return true;
  }

  /** `call` is no longer on its way. */
  release(call: Call): void {
    const load = this.#loads.get(call);
    if (!load) return;
    this.#loads.delete(call);
    this.#bytes.set(load.member, (this.#bytes.get(load.member) ?? 0) - load.bytes);
  }

  /** An answer had so many bytes. */
  learn(bytes: number): void {
    this.#expectedBytes = Math.max(bytes, this.#expectedBytes / 2);
  }
}
