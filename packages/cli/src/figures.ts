/** Numbers as people read them: `12,345`. */
export function grouped(number: number): string {
  return Math.round(number).toLocaleString('en-US');
}

/** `1 key`, `2 keys`. */
export function counted(number: number, noun: string): string {
  const plural = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${grouped(number)} ${number === 1 ? noun : noun === 'key' ? 'keys' : plural}`;
}

/** `0.123 s`. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(3)} s`;
}

/** `2,345/s`. */
export function rate(amount: number, milliseconds: number): string {
  return `${grouped((amount * 1000) / Math.max(milliseconds, 1))}/s`;
}

/** The time since it was made. */
export class Stopwatch {
  readonly #startMs = performance.now();

  get elapsedMs(): number {
    return performance.now() - this.#startMs;
  }
}
