import { InvalidArgumentError } from 'commander';

/** Parses a whole number, and says which ones there are. */
export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const number = /^[0-9]{1,16}$/.test(text) ? Number(text) : NaN;
    if (number >= from && number <= to) return number;
    throw new InvalidArgumentError(`Give a whole number from ${from} to ${to}.`);
  };
}

/** Parses a whole number, be it less than 0. */
export function integer(text: string): number {
  const number = /^[-+]?[0-9]{1,16}$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(number)) return number;
  throw new InvalidArgumentError('Give a whole number, such as 5 or -5.');
}

/** Parses `first..last`, both whole numbers and both included. */
export function seedRange(text: string): { readonly first: number; readonly last: number } {
  const [, first = '', last = ''] = /^([0-9]{1,15})\.\.([0-9]{1,15})$/.exec(text) ?? [];
  if (first !== '' && Number(first) <= Number(last)) {
    return { first: Number(first), last: Number(last) };
  }
  throw new InvalidArgumentError('Give the first seed and the last, such as 1..100.');
}

/** Parses a number from 0 to 1. */
export function fraction(text: string): number {
  const number = /^[0-9.]+$/.test(text) ? Number(text) : NaN;
  if (number >= 0 && number <= 1) return number;
  throw new InvalidArgumentError('Give a number from 0 to 1.');
}

const unitsMs: Readonly<Record<string, number>> = {
  '': 1,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const longestMs = 86_400_000;

/** Parses `500`, `500ms`, `2.5s`, `1m` to milliseconds. */
export function duration(text: string): number {
  const [, amount = '', unit = ''] = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const milliseconds = Math.round(Number(amount) * (unitsMs[unit] ?? NaN));
  if (amount !== '' && milliseconds >= 1 && milliseconds <= longestMs) return milliseconds;
  throw new InvalidArgumentError('Give a time from 1ms to 24h, such as 500ms, 5s or 1m.');
}

/** As {@link duration}, but a number alone is one of seconds. */
export function secondsOrDuration(text: string): number {
  return duration(/^[0-9.]+$/.test(text) ? `${text}s` : text);
}

/** Parses `host:port[,host:port…]`. */
export function endpoints(text: string): readonly string[] {
  const list = text.split(',').map((one) => one.trim());
  const malformed = list.find((one) => !isEndpoint(one));
  if (malformed === undefined) return list;
  const hint = 'Give host:port, or several with commas between, such as 127.0.0.1:7100.';
  throw new InvalidArgumentError(`${JSON.stringify(malformed)} is no address. ${hint}`);
}

/** Parses `host:port`. */
export function endpoint(text: string): string {
  if (isEndpoint(text)) return text;
  throw new InvalidArgumentError('Give host:port, such as 127.0.0.1:9100.');
}

function isEndpoint(text: string): boolean {
  const port = Number(/^(?:[^\s:@[\]]+|\[[0-9a-fA-F:.]+\]):([0-9]{1,5})$/.exec(text)?.[1]);
  return port >= 1 && port <= 65_535;
}
