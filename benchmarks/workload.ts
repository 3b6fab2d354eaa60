import { type StoreClient } from './store-subject';

/** What every subject is asked for. */
export interface WorkloadParameters {
  /** The most keys that are ever held. */
  readonly keys: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
}

/** Draws the key of a request, of so many: by its place, from 0. */
export type Draw = (keys: number) => number;

/** Each key as likely. */
export const uniform: Draw = (keys) => Math.floor(Math.random() * keys);

/** The puts of a round bear the mark of its generation, so that old values are told from new ones. */
export type Generation = 0 | 1;

/** A get that returned what nobody can have stored, or what was overwritten before it began. */
class WrongValueError extends Error {
  constructor(key: string, value: Uint8Array | undefined) {
    const found = value && Buffer.from(value.buffer, value.byteOffset, value.length);
    super(`wrong value of ${key}: ${found?.toString('latin1') ?? 'none'}`);
  }
}

/** How many requests at a time store the keys, before anything is measured. */
const fillInFlight = 256;

/** How many keys one of them stores, where that is possible: the most that etcd takes. */
const mostAtOnce = 128;

/** The keys and values of a benchmark, and what one store must hold by now. */
export class Workload {
  readonly #keyBytes: number;
  readonly #valueBytes: number;
  /** By generation: the values of all keys, one behind the other, made before the clock runs. */
  readonly #values: readonly Buffer[];
  /** Of each key, the generation that was acknowledged last. */
  readonly #acknowledged: Uint8Array;
  readonly #draw: Draw;
  /** So many of the keys are stored, and asked for. */
  #held = 0;

  constructor({ keys, keyBytes, valueBytes }: WorkloadParameters, draw = uniform) {
    this.#draw = draw;
    this.#keyBytes = keyBytes;
    this.#valueBytes = valueBytes;
    this.#values = [0, 1].map((generation) => {
      const values = Buffer.allocUnsafeSlow(keys * valueBytes);
      for (let index = 0; index < keys; index += 1) {
        const start = index * valueBytes;
        values.fill(`${generation}${this.#keyOf(index)}`, start, start + valueBytes);
      }
      return values;
    });
    this.#acknowledged = new Uint8Array(keys);
  }

  /** Stores the first keys, `held` in all; those that are stored are not stored again. Returns how many were not. */
  async hold(client: StoreClient, held: number): Promise<number> {
    const before = this.#held;
    const worker = async (): Promise<void> => {
      while (this.#held < held) {
        const end = Math.min(held, this.#held + (client.putAll ? mostAtOnce : 1));
        const entries: [string, Buffer][] = [];
        for (; this.#held < end; this.#held += 1) {
          entries.push([this.#keyOf(this.#held), this.#valueOf(this.#held, 0)]);
        }
        if (client.putAll) await client.putAll(entries);
        else for (const [key, value] of entries) await client.put(key, value);
      }
    };
    await Promise.all(Array.from({ length: fillInFlight }, worker));
    return this.#held - before;
  }

  /**
   * A put or a get, by chance, of one of the keys that are held. The answer is checked.
   * @throws an error if it failed or returned what it must not
   */
  async request(client: StoreClient, generation: Generation): Promise<void> {
    const index = this.#draw(this.#held);
    const key = this.#keyOf(index);
    if (Math.random() < 0.5) {
      await client.put(key, this.#valueOf(index, generation));
      this.#acknowledged[index] = generation;
    } else {
      // If a put of this generation was answered, a get that begins now must return its value.
      const settled = this.#acknowledged[index] === generation;
      this.#check(index, await client.get(key), generation, settled);
    }
  }

  /** Made when it is asked for: a million that were kept would have this process collect for long while it measures. */
  #keyOf(index: number): string {
    return String(index).padStart(this.#keyBytes, '0');
  }

  #valueOf(index: number, generation: Generation): Buffer {
    const start = index * this.#valueBytes;
    return this.#values[generation]?.subarray(start, start + this.#valueBytes) ?? Buffer.of();
  }

  /** Compares all bytes. @throws {@link WrongValueError} */
  #check(
    index: number,
    value: Uint8Array | undefined,
    generation: Generation,
    settled: boolean,
  ): void {
    if (value) {
      if (this.#valueOf(index, generation).equals(value)) return;
      if (!settled && this.#valueOf(index, generation === 0 ? 1 : 0).equals(value)) return;
    }
    throw new WrongValueError(this.#keyOf(index), value);
  }
}
