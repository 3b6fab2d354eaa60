import { Random } from '@jbstore/core';
import { Connected, Disconnected, SessionLost } from '@jbstore/network/port';

import { Calendar } from '../src/calendar';
import type { Action, MessageRates } from '../src/plan';
import { Duo, pToQ } from './duo';

const from1000 = { atMs: 1_000, lastsMs: 1_000 };

/** What happens within two seconds, in the second of which something is done. */
function duoUnder(...actions: readonly Action[]): Duo {
  const duo = new Duo(actions);
  duo.runUntil(3_000);
  return duo;
}

/** The numbers that are missing between the first and the last of `numbers`. */
function missing(numbers: readonly number[]): number {
  const all = new Set(numbers);
  return Math.max(...numbers) - all.size;
}

function within(times: readonly number[], fromMs: number, toMs: number): number {
  return times.filter((ms) => ms >= fromMs && ms < toMs).length;
}

function isSorted(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0));
}

describe('without a fault', () => {
  test('all arrives once, in order, and a clock ticks as it should', () => {
    const { notes, beats, ticks } = duoUnder().diary('q');

    expect(notes.length).toBeGreaterThan(295);
    expect(missing(notes)).toBe(0);
    expect(isSorted(notes)).toBe(true);
    expect(beats).toStrictEqual(notes);
    expect(within(ticks, 1_000, 2_000)).toBe(100);
  });
});

describe('a process', () => {
  test('that crashes says nothing any more, and the other hears that it is gone', () => {
    const crash = { kind: 'crash', atMs: 1_000, place: 'p', afterEvents: 5 } as const;
    const duo = duoUnder({ ...crash, restartMs: null, identity: 'new' });

    expect(duo.deaths).toStrictEqual(['p']);
    expect(duo.at('p')).toBeUndefined();
    expect(within(duo.diary('p').ticks, 1_100, 3_000)).toBe(0);
    expect(duo.diary('q').told.some((told) => told instanceof Disconnected)).toBe(true);
  });

  test('dies with the event that was said, and another begins in its place', () => {
    const ticksBefore = (afterEvents: number): number => {
      const crash = { kind: 'crash', atMs: 1_000, place: 'p', afterEvents } as const;
      const duo = duoUnder({ ...crash, restartMs: 500, identity: 'new' });
      expect(duo.at('p')?.alive).toBe(true);
      return within(duo.diary('p').ticks, 1_005, 1_500);
    };

    expect(ticksBefore(0)).toBe(0);
    expect(ticksBefore(200)).toBeGreaterThan(5);
  });

  test('that is paused does nothing, and then what has come meanwhile', () => {
    const duo = duoUnder({ kind: 'pause', place: 'p', ...from1000 });
    const { ticks, notes } = duo.diary('p');

    expect(within(ticks, 1_001, 2_000)).toBe(0);
    expect(within(ticks, 2_000, 3_000)).toBeGreaterThan(95);
    expect(missing(notes)).toBe(0);
    expect(isSorted(notes)).toBe(true);
  });

  test('that is slow handles less', () => {
    const duo = duoUnder({ kind: 'slowness', place: 'p', eventMs: 5, ...from1000 });

    expect(within(duo.diary('p').ticks, 1_000, 2_000)).toBeLessThan(50);
    expect(within(duo.diary('q').ticks, 1_000, 2_000)).toBe(100);
  });

  test('has a clock that jumps and runs at another rate, and never back', () => {
    const clock = { kind: 'clock', place: 'p', aheadMs: 5_000, rate: 2, ...from1000 } as const;
    const { ticks } = duoUnder(clock).diary('p');

    expect(within(ticks, 1_010, 6_000)).toBe(0);
    // One second of all is two of its own: as many more ticks.
    expect(within(ticks, 6_000, 8_000)).toBeGreaterThan(195);
    expect(ticks.at(-1)).toBeGreaterThan(8_900);
    expect(isSorted(ticks)).toBe(true);
  });
});

test('a clock that jumps makes due what was to come', () => {
  const calendar = new Calendar({ kind: 'random' }, new Random('order'));
  const lane = calendar.lane('p');
  const due: number[] = [];
  for (const delayMs of [1_000, 4_000]) {
    lane.after(delayMs, () => due.push(calendar.nowMs));
  }
  calendar.world.at(500, () => {
    lane.setClock(2, 1_000);
  });

  while (calendar.step(10_000));

  expect(due).toStrictEqual([500, 1_750]);
  expect(lane.now()).toBe(1_500 + 2 * 1_250);
});

describe('a link', () => {
  test.each(['lost', 'kept'] as const)(
    'is cut in one direction, and what is sent is %s',
    (fate) => {
      const cut = { kind: 'cut', shape: 'one-way', directions: pToQ, messages: fate } as const;
      const duo = duoUnder({ ...cut, ...from1000 });
      const { notes, told } = duo.diary('q');

      expect(missing(duo.diary('p').notes)).toBe(0);
      if (fate === 'kept') expect(missing(notes)).toBe(0);
      else expect(missing(notes)).toBeGreaterThan(95);
      expect(told.some((one) => one instanceof Disconnected)).toBe(true);
      expect(told.filter((one) => one instanceof Connected).map(({ resumed }) => resumed)).toEqual([
        false,
        fate === 'kept',
      ]);
      expect(told.some((one) => one instanceof SessionLost)).toBe(fate === 'lost');
    },
  );

  test('is clogged: all comes late, and in order', () => {
    const duo = new Duo([{ kind: 'clog', directions: pToQ, ...from1000 }]);
    duo.runUntil(1_990);
    const before = duo.diary('q').notes.length;
    duo.runUntil(3_000);
    const { notes } = duo.diary('q');

    expect(before).toBeLessThan(105);
    expect(missing(notes)).toBe(0);
    expect(isSorted(notes)).toBe(true);
  });

  test('is slow', () => {
    const duo = new Duo([{ kind: 'slow link', directions: pToQ, extraMs: 500, ...from1000 }]);
    duo.runUntil(1_490);

    expect(duo.diary('q').notes.length).toBeLessThan(105);
    expect(duo.diary('p').notes.length).toBeGreaterThan(140);
  });

  test('keeps heartbeats back, and nothing else', () => {
    const duo = duoUnder({ kind: 'wrong suspicion', directions: pToQ, ...from1000 });
    const { notes, beats } = duo.diary('q');

    expect(missing(notes)).toBe(0);
    expect(missing(beats)).toBeGreaterThan(95);
  });
});

describe('messages', () => {
  function notesUnder(rates: Partial<MessageRates>, heal = false): readonly number[] {
    const duo = new Duo([], rates);
    if (heal) duo.incidents.heal();
    duo.runUntil(10_000);
    return duo.diary('q').notes;
  }

  test('are lost, and both ends hear that the session was', () => {
    const duo = new Duo([], { loss: 0.1 });
    duo.runUntil(10_000);

    expect(missing(duo.diary('q').notes)).toBeGreaterThan(50);
    for (const place of ['p', 'q']) {
      expect(duo.diary(place).told.some((one) => one instanceof SessionLost)).toBe(true);
    }
  });

  test('are doubled', () => {
    const notes = notesUnder({ duplication: 0.1 });

    expect(notes.length - new Set(notes).size).toBeGreaterThan(50);
  });

  test('overtake one another', () => {
    const notes = notesUnder({ reordering: 0.1 });

    expect(isSorted(notes)).toBe(false);
    expect(notes.length).toBe(new Set(notes).size);
  });

  test('come again much later', () => {
    const notes = notesUnder({ replay: 0.1 });
    const late = notes.filter((note, index) => Math.max(...notes.slice(0, index)) > note + 100);

    expect(late.length).toBeGreaterThan(20);
  });

  test('that were to come again do not once all is healed', () => {
    const duo = new Duo([], { duplication: 0.5, replay: 0.5 });
    duo.runUntil(3_000);
    const { notes } = duo.diary('q');
    const before = notes.length;
    expect(new Set(notes).size).toBeLessThan(before);

    duo.incidents.heal();
    duo.runUntil(10_000);

    const after = notes.slice(before);
    expect(new Set(after).size).toBe(after.length);
    expect(Math.min(...after)).toBeGreaterThan(290);
  });

  test('suffer nothing of that once all is healed', () => {
    const all = { loss: 0.1, duplication: 0.1, reordering: 0.1, replay: 0.1 };
    const notes = notesUnder(all, true);

    expect(missing(notes)).toBe(0);
    expect(isSorted(notes)).toBe(true);
  });
});

test('once all is healed nobody is paused, slow, or has a wrong clock, and nothing more is done', () => {
  const long = { atMs: 1_000, lastsMs: 60_000 };
  const healed = (place: string, ...actions: readonly Action[]): readonly number[] => {
    const duo = new Duo(actions);
    duo.runUntil(1_500);
    duo.incidents.heal();
    duo.runUntil(3_000);
    expect(duo.done).toHaveLength(1);
    return duo.diary(place).ticks;
  };
  const inLastSecond = (ticks: readonly number[]): number =>
    ticks.filter((ms) => ms > (ticks.at(-1) ?? 0) - 1_000).length;

  const later = { kind: 'pause', place: 'p', atMs: 2_000, lastsMs: 500 } as const;
  expect(inLastSecond(healed('p', { kind: 'pause', place: 'p', ...long }, later))).toBe(100);
  expect(
    inLastSecond(healed('p', { kind: 'slowness', place: 'p', eventMs: 50, ...long }, later)),
  ).toBe(100);
  const clock = { kind: 'clock', place: 'p', aheadMs: 0, rate: 2, ...long } as const;
  expect(healed('p', clock).at(-1)).toBe(3_500);
});

test('what was done is told, and nothing is done to nobody', () => {
  const duo = duoUnder(
    { kind: 'pause', place: 'nobody', ...from1000 },
    { kind: 'slowness', place: 'q', eventMs: 1, ...from1000 },
    { kind: 'operation', atMs: 1, client: 'c', operation: 'get', key: 'k' },
  );

  expect(duo.done).toStrictEqual(['slowness']);
  expect(duo.asked).toHaveLength(1);
});
