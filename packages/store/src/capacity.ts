import type { Gauge } from '@jbstore/core';

import type { Refusal } from './admission';

/** How much a node performs at one time. */
export class Capacity {
  readonly #mostRunning: number;
  readonly #mostPutBytes: number;
  readonly #gauge: Gauge;
  #running = 0;
  #putBytes = 0;

  /** @param gauge - tells how many requests are performed now */
  constructor(
    gauge: Gauge,
    { mostRunning, mostPutBytes }: { readonly mostRunning: number; readonly mostPutBytes: number },
  ) {
    this.#gauge = gauge;
    this.#mostRunning = mostRunning;
    this.#mostPutBytes = mostPutBytes;
  }

  /** A request with `bytes` to put is refused while others take all there is; but one is always taken. */
  refuses(bytes: number): Refusal | undefined {
    const fits =
      bytes === 0 || this.#putBytes === 0 || this.#putBytes + bytes <= this.#mostPutBytes;
    if (this.#running < this.#mostRunning && fits) return undefined;
    const busy = `${String(this.#running)} requests, which put ${String(this.#putBytes)} bytes`;
    return { code: 'unavailable', text: `this node is busy with ${busy}` };
  }

  begin(bytes: number): void {
    this.#change(1, bytes);
  }

  end(bytes: number): void {
    this.#change(-1, -bytes);
  }

  #change(requests: number, bytes: number): void {
    this.#running += requests;
    this.#putBytes += bytes;
    this.#gauge.value = this.#running;
  }
}
