import { generationMs } from '@jbstore/store/port';
import fc from 'fast-check';

import { Sessions, type Ticket } from '../src/sessions';

const hourMs = 3_600_000;

/** Sessions of which the chance is told by a number: 1, 2, … */
function counted(): Sessions {
  let number = 0;
  return new Sessions(() => String((number += 1)));
}

function opened(generation = 1_000): Sessions {
  const sessions = counted();
  sessions.open(generation, hourMs, 0);
  return sessions;
}

function taken(sessions: Sessions, key: string, nowMs = 0): Ticket {
  const ticket = sessions.take(key, nowMs);
  if (typeof ticket === 'string') throw new Error(ticket);
  return ticket;
}

type Step =
  | { readonly take: string }
  | { readonly end: 'answered' | 'unused' | 'giveUp'; readonly which: number }
  | { readonly expire: number; readonly above: number }
  | { readonly open: number }
  | { readonly passMs: number };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ take: fc.constantFrom('a', 'b', 'c') }) },
    {
      weight: 4,
      arbitrary: fc.record({
        end: fc.constantFrom('answered' as const, 'unused' as const, 'giveUp' as const),
        which: fc.nat(20),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ expire: fc.nat(20), above: fc.integer({ min: 1, max: 30 }) }),
    },
    { weight: 1, arbitrary: fc.record({ open: fc.integer({ min: 970, max: 1_030 }) }) },
    { weight: 1, arbitrary: fc.record({ passMs: fc.nat(hourMs) }) },
  ),
  { maxLength: 120 },
);

test('no two requests have one id, none joins another on its key in its session, and none is begun in an old one', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const sessions = opened();
      let nowMs = 0;
      let furthest = { generation: 1_000, atMs: 0 };
      const present = (): number =>
        furthest.generation + Math.floor((nowMs - furthest.atMs) / generationMs);
      const hear = (generation: number): void => {
        if (generation > present()) furthest = { generation, atMs: nowMs };
      };
      const running: Ticket[] = [];
      const last = new Map<string, number>();

      for (const step of all) {
        if ('take' in step) {
          const ticket = taken(sessions, step.take, nowMs);
          const { session, sequence } = ticket.id;

          expect(sequence).toBe((last.get(session.chance) ?? 0) + 1);
          const beside = running.filter(
            ({ id, key }) => id.session === session && key === step.take,
          );
          expect(beside).toStrictEqual([]);
          const ageMs = (present() - session.generation) * generationMs;
          expect(ageMs).toBeLessThan(0.75 * hourMs);
          last.set(session.chance, sequence);
          running.push(ticket);
        } else if ('end' in step) {
          const [ticket] = running.splice(step.which, 1);
          if (ticket) sessions[step.end](ticket);
        } else if ('expire' in step) {
          const [ticket] = running.splice(step.expire, 1);
          if (!ticket) continue;
          const floor = ticket.id.session.generation + step.above;
          sessions.expire(ticket, floor, nowMs);
          hear(floor + hourMs / generationMs);
        } else if ('open' in step) {
          sessions.open(step.open, hourMs, nowMs);
          hear(step.open);
        } else {
          nowMs += step.passMs;
        }
      }
    }),
    { numRuns: 1_000 },
  );
});

test('before a node has opened sessions there is none', () => {
  expect(counted().take('k', 0)).toBe('no session');
});

test('requests on different keys share a session; those on one key that run at once do not', () => {
  const sessions = opened();

  const [a, b, otherA] = [taken(sessions, 'a'), taken(sessions, 'b'), taken(sessions, 'a')];
  sessions.answered(a);
  const laterA = taken(sessions, 'a');

  expect([a, b, otherA, laterA].map(({ id }) => [id.session.chance, id.sequence])).toStrictEqual([
    ['1', 1],
    ['1', 2],
    ['2', 1],
    ['1', 3],
  ]);
});

test('a request on a key on which one was given up goes behind that one, so that no late copy of it comes after', () => {
  const sessions = opened();
  const [first, second] = [taken(sessions, 'k'), taken(sessions, 'k')];
  sessions.giveUp(second);
  sessions.answered(first);

  const behind = taken(sessions, 'k');
  const beside = taken(sessions, 'k');
  sessions.unused(behind);
  const still = taken(sessions, 'k');
  sessions.answered(still);
  const after = [taken(sessions, 'k'), taken(sessions, 'l')];

  expect([behind, beside, still].map(({ id }) => id.session.chance)).toStrictEqual(['2', '1', '2']);
  expect(after.map(({ id }) => id.session.chance)).toStrictEqual(['2', '1']);
});

test('so many requests run on a key at once, and the next one waits for one of them', () => {
  const sessions = opened();
  const tickets = Array.from({ length: 64 }, () => taken(sessions, 'k'));

  expect(sessions.take('k', 0)).toBe('busy');
  expect(taken(sessions, 'l').id.session).toBe(tickets[0]?.id.session);
  if (tickets[7]) sessions.giveUp(tickets[7]);

  expect(taken(sessions, 'k').id.session).toBe(tickets[7]?.id.session);
});

test('new sessions begin after half a lifetime, but a request still goes behind one that was given up', () => {
  const sessions = opened();
  const [running, given] = [taken(sessions, 'a'), taken(sessions, 'b')];
  sessions.giveUp(given);

  const young = taken(sessions, 'c', 0.4 * hourMs);
  const next = taken(sessions, 'c', 0.5 * hourMs);
  sessions.giveUp(running);
  const behind = [taken(sessions, 'a', 0.6 * hourMs), taken(sessions, 'b', 0.7 * hourMs)];
  const late = taken(sessions, 'd', 0.7 * hourMs);

  const ids = [young, next, ...behind, late].map(({ id }) => id.session);
  expect(ids.map(({ chance }) => chance)).toStrictEqual(['1', '2', '1', '1', '2']);
  expect(ids.map(({ generation }) => generation)).toStrictEqual([
    1_000, 1_006, 1_000, 1_000, 1_006,
  ]);
});

test('an old session is kept until nothing of it can come any more, or it is too old to be used', () => {
  const [answered, given] = [opened(), opened()];
  const [first, second] = [taken(answered, 'a'), taken(given, 'a')];
  taken(answered, 'b', 0.5 * hourMs);
  taken(given, 'b', 0.5 * hourMs);
  expect([answered.size, given.size]).toStrictEqual([2, 2]);

  answered.giveUp(first);
  answered.answered(taken(answered, 'a', 0.6 * hourMs));
  given.giveUp(second);
  taken(answered, 'c', 0.6 * hourMs);
  taken(given, 'c', 0.6 * hourMs);
  expect([answered.size, given.size]).toStrictEqual([1, 2]);

  expect(taken(given, 'a', 0.75 * hourMs).id.session.chance).toBe('2');
  expect(given.size).toBe(1);
});

test('an expired session is not used any more; the next one is as late as the clock that has forgotten it', () => {
  const sessions = opened();
  const [expired, running] = [taken(sessions, 'a'), taken(sessions, 'b')];

  sessions.expire(expired, 1_024, 0);
  const next = taken(sessions, 'a');
  sessions.answered(running);
  sessions.open(1_000, hourMs, 10);

  expect(next.id.session).toStrictEqual({ generation: 1_036, chance: '2' });
  expect(taken(sessions, 'a', 10).id.session.generation).toBe(1_036);
  expect(sessions.size).toBe(2);
});

test('generations end with 32 bits', () => {
  const sessions = opened();

  sessions.expire(taken(sessions, 'a'), 2 ** 32 - 1, 0);

  expect(taken(sessions, 'a', hourMs).id.session.generation).toBe(2 ** 32 - 1);
});
