const leastGap = 3;
const mostGap = 48;
const pixelsPerMs = 4;

/**
 * Where moments are drawn: in their order, apart, but what is long and empty is short. Times between
 * moments lie between them.
 */
export class TimelineScale {
  readonly #times: readonly number[];
  readonly #places: readonly number[];

  /** @param top - where the first moment is drawn, in pixels */
  constructor(moments: readonly number[], top: number) {
    this.#times = [...new Set([0, ...moments])].sort((one, other) => one - other);
    let place = top;
    this.#places = this.#times.map((time, index) => {
      const gapMs = time - (this.#times[index - 1] ?? time);
      if (index > 0) place += Math.min(mostGap, Math.max(leastGap, gapMs * pixelsPerMs));
      return place;
    });
  }

  /** In pixels from above. */
  of(timeMs: number): number {
    const after = this.#firstFrom(timeMs);
    const [fromMs, toMs] = [this.#times[after - 1], this.#times[after]];
    const [from, to] = [this.#places[after - 1], this.#places[after]];
    if (toMs === undefined || to === undefined) return this.bottom;
    if (fromMs === undefined || from === undefined) return to;
    return round(from + ((timeMs - fromMs) / (toMs - fromMs)) * (to - from));
  }

  get bottom(): number {
    return this.#places.at(-1) ?? 0;
  }

  /** The index of the first moment at or after `timeMs`. */
  #firstFrom(timeMs: number): number {
    let [low, high] = [0, this.#times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#times[middle] ?? Infinity) < timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
