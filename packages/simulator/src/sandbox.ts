import nodeCrypto from 'node:crypto';

import { NestedSimulationError, RealWorldError } from './errors';

/** What a run must not reach, by the object that has it. Where it is absent nothing is to be done. */
const forbidden: readonly (readonly [object, string, readonly string[]])[] = [
  [Date, 'Date', ['now']],
  [Math, 'Math', ['random']],
  [performance, 'performance', ['now']],
  [process, 'process', ['hrtime', 'nextTick', 'uptime', 'cpuUsage']],
  [globalThis, '', ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch']],
  [globalThis.crypto, 'crypto', ['getRandomValues', 'randomUUID']],
  [
    nodeCrypto,
    'crypto',
    ['randomBytes', 'randomFill', 'randomFillSync', 'randomInt', 'randomUUID', 'generateKeySync'],
  ],
];

let running = false;

/**
 * Runs `body`, during which the clock, the timers and the chance of Node throw a {@link RealWorldError}:
 * what a simulated component does follows from its seed alone. `body` must be synchronous, and so
 * must be all that it calls.
 * @throws {@link NestedSimulationError}
 */
export function sandboxed<T>(body: () => T): T {
  if (running) throw new NestedSimulationError();
  running = true;
  const undo: (() => void)[] = [];
  try {
    for (const [owner, name, keys] of forbidden) {
      for (const key of keys) forbid(owner, key, name === '' ? key : `${name}.${key}`, undo);
    }
    forbidFreshDates(undo);
    return body();
  } finally {
    for (const back of undo) back();
    running = false;
  }
}

/**
 * Puts what throws in the place of `owner[key]`, wherever that stands. It is assigned, not defined anew: an
 * object of which a property was defined anew is slow from then on, and `Math` is asked all the time.
 */
function forbid(owner: object, key: string, name: string, undo: (() => void)[]): void {
  const holder = holderOf(owner, key);
  if (!holder) return;
  const former: unknown = Reflect.get(holder, key);
  const refuse = (): never => {
    throw new RealWorldError(name);
  };
  if (!Reflect.set(holder, key, refuse)) return;
  undo.push(() => {
    Reflect.set(holder, key, former);
  });
}

/** The object, of those from which `owner` inherits, that has the property itself. */
function holderOf(owner: object, key: string): object | undefined {
  let holder: object | null = owner;
  while (holder && !Object.hasOwn(holder, key)) holder = Reflect.getPrototypeOf(holder);
  return holder ?? undefined;
}

/** `new Date()` reads the clock; a date made of given numbers does not. */
function forbidFreshDates(undo: (() => void)[]): void {
  const real = globalThis.Date;
  globalThis.Date = new Proxy(real, {
    construct(target, given: unknown[]) {
      if (given.length === 0) throw new RealWorldError('new Date()');
      return Reflect.construct(target, given) as object;
    },
    apply() {
      throw new RealWorldError('Date()');
    },
  });
  undo.push(() => {
    globalThis.Date = real;
  });
}
