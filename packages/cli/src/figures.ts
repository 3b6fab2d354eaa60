/** Numbers as people read them: `12,345`. */
export function grouped(number: number): string {
  return Math.round(number).toLocaleString('en-US');
}

/** `1 key`, `2 keys`. */
export function counted(number: number, noun: string): string {
  return `${grouped(number)} ${number === 1 ? noun : plural(noun)}`;
}

/** `keys`, `entries`. */
export function plural(noun: string): string {
  return noun !== 'key' && noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}

/** `0.123 s`. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(3)} s`;
}

/** `2,345/s`, and of what is slow `0.7/s`. */
export function rate(amount: number, milliseconds: number): string {
  return `${ratio(amount * 1000, milliseconds)}/s`;
}

/** `2,345`, and of what is small `0.7`. */
export function ratio(amount: number, milliseconds: number): string {
  const value = amount / Math.max(milliseconds, 1);
  return value > 0 && value < 10 ? value.toFixed(1) : grouped(value);
}

/** `33.3 %`: how much of `whole` `part` is. */
export function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}

/** The time since it was made. */
export class Stopwatch {
  readonly #startMs = performance.now();

  get elapsedMs(): number {
    return performance.now() - this.#startMs;
  }
}
