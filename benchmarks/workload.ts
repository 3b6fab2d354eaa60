/** What every subject is asked for. */
export interface WorkloadParameters {
  /** How many different keys. */
  readonly keys: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
}

/** The puts of a round bear the mark of its generation, so that old values are told from new ones. */
export type Generation = 0 | 1;

/** A get that returned what nobody can have stored, or what was overwritten before it began. */
class WrongValueError extends Error {
  constructor(key: string, value: Uint8Array | undefined) {
    const found = value && Buffer.from(value.buffer, value.byteOffset, value.length);
    super(`wrong value of ${key}: ${found?.toString('latin1') ?? 'none'}`);
  }
}

/** The keys and values of a benchmark, and what one store must hold by now. */
export class Workload {
  readonly keys: readonly string[];
  /** By generation, then by key. Made before the clock runs. */
  readonly #values: readonly (readonly Buffer[])[];
  /** Of each key, the generation that was acknowledged last. */
  readonly #acknowledged: Uint8Array;

  constructor({ keys, keyBytes, valueBytes }: WorkloadParameters) {
    this.keys = Array.from({ length: keys }, (_, index) => String(index).padStart(keyBytes, '0'));
    this.#values = [0, 1].map((generation) =>
      this.keys.map((key) => Buffer.alloc(valueBytes, `${generation}${key}`)),
    );
    this.#acknowledged = new Uint8Array(keys);
  }

  /** What to store under the key `index` in a round of this generation. */
  valueOf(index: number, generation: Generation): Buffer {
    return this.#values[generation]?.[index] ?? Buffer.of();
  }

  /** A put of the key `index` was answered. */
  acknowledge(index: number, generation: Generation): void {
    this.#acknowledged[index] = generation;
  }

  /** True if the put of this generation was answered: a get that begins now must return its value. */
  isAcknowledged(index: number, generation: Generation): boolean {
    return this.#acknowledged[index] === generation;
  }

  /**
   * Compares all bytes that a get returned.
   * @param settled - what {@link isAcknowledged} said when the get began
   * @throws {@link WrongValueError}
   */
  check(
    index: number,
    value: Uint8Array | undefined,
    generation: Generation,
    settled: boolean,
  ): void {
    if (value) {
      if (this.valueOf(index, generation).equals(value)) return;
      if (!settled && this.valueOf(index, generation === 0 ? 1 : 0).equals(value)) return;
    }
    throw new WrongValueError(this.keys[index] ?? '', value);
  }
}
