import { bytesOf, keep } from '@jbstore/register/port';
import fc from 'fast-check';

import { execute, type Contents, type Expected, type Operation } from '../src/operations';
import { Draft, emptyRecord, type Answer, type RegisterRecord } from '../src/record';
import { Results } from '../src/results';
import { compareSessions, type RequestId } from '../src/session';

const bytesFrom = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const nothing: Contents = { value: undefined, version: 0 };
const put = (text: string): Operation => ({ kind: 'put', value: bytesFrom(text) });
const cas = (expected: Expected, text: string): Operation => {
  return { kind: 'cas', expected, value: bytesFrom(text) };
};
const increment = (by: number): Operation => ({ kind: 'increment', by });

function after(...operations: readonly Operation[]): Contents {
  return operations.reduce<Contents>((before, operation) => execute(before, operation), nothing);
}

function textIn({ value }: Contents): string | undefined {
  return value === undefined ? undefined : Buffer.from(bytesOf(value)).toString('latin1');
}

describe('operations', () => {
  test('a put makes a value and the next version', () => {
    const effect = execute(after(put('a'), put('b')), put('c'));

    expect(textIn(effect)).toBe('c');
    expect(effect.outcome).toEqual({ succeeded: true, version: 3 });
  });

  test('versions never restart: a deletion is a change like others, and the next one follows it', () => {
    const deleted = execute(after(put('a')), { kind: 'delete' });

    expect(deleted).toMatchObject({ value: undefined, outcome: { succeeded: true, version: 2 } });
    expect(execute(deleted, put('b')).outcome).toEqual({ succeeded: true, version: 3 });
  });

  test('a delete of nothing changes nothing, and shows no version', () => {
    const before = after(put('a'), { kind: 'delete' });

    expect(execute(before, { kind: 'delete' })).toEqual({
      ...{ value: undefined, version: 2 },
      outcome: { succeeded: true },
    });
  });

  test.each<[Expected, boolean]>([
    [{ kind: 'value', value: bytesFrom('b') }, true],
    [{ kind: 'value', value: bytesFrom('a') }, false],
    [{ kind: 'version', version: 2 }, true],
    [{ kind: 'version', version: 1 }, false],
    [{ kind: 'absent' }, false],
  ])('cas: of the second value b, where %j is expected', (expected, succeeded) => {
    const effect = execute(after(put('a'), put('b')), cas(expected, 'c'));

    expect(effect.outcome).toEqual({ succeeded, version: succeeded ? 3 : 2 });
    expect(textIn(effect)).toBe(succeeded ? 'c' : 'b');
  });

  test.each<[Expected, boolean]>([
    [{ kind: 'absent' }, true],
    [{ kind: 'version', version: 2 }, false],
    [{ kind: 'value', value: bytesFrom('') }, false],
  ])('cas: where the second change was a deletion and %j is expected', (expected, succeeded) => {
    const effect = execute(after(put(''), { kind: 'delete' }), cas(expected, 'c'));

    expect(effect.outcome).toEqual(succeeded ? { succeeded, version: 3 } : { succeeded });
  });

  test('increment: counts from 0, keeps decimal digits, and tells the sum', () => {
    const effect = execute(after(increment(5), increment(-7)), increment(-40));

    expect(effect.outcome).toEqual({ succeeded: true, version: 3, value: -42 });
    expect(textIn(effect)).toBe('-42');
  });

  test.each(['', '-', '1.5', '1e3', ' 1', '12345678901234567', String(Number.MAX_SAFE_INTEGER)])(
    'increment: fails on %j, and changes nothing',
    (text) => {
      const effect = execute(after(put(text)), increment(1));

      expect(effect.outcome).toEqual({ succeeded: false, version: 1 });
      expect(textIn(effect)).toBe(text);
    },
  );
});

const requestId = (generation: number, name: string, sequence: number): RequestId => {
  return { session: { generation, chance: name.padEnd(12) }, sequence };
};

function answered(base: RegisterRecord, id: RequestId, operation: Operation): [Answer, Draft] {
  const draft = new Draft(base);
  return [draft.perform(id, operation), draft];
}

describe('records', () => {
  test('D3: a copy of an executed request gets the same outcome, and does nothing', () => {
    const id = requestId(1, 's', 1);
    const [first, draft] = answered(emptyRecord(0, 0), id, put('a'));
    draft.perform(requestId(1, 't', 1), put('b'));
    const record = draft.finish();

    const [second, again] = answered(record, id, put('a'));

    expect(second).toEqual(first);
    expect(again.finish()).toEqual(record);
  });

  test('D3: a cas that failed is recorded, and fails again when it could succeed', () => {
    const id = requestId(1, 's', 1);
    const [first, draft] = answered(
      emptyRecord(0, 0),
      id,
      cas({ kind: 'version', version: 1 }, 'x'),
    );
    draft.perform(requestId(1, 't', 1), put('b'));

    const [second] = answered(draft.finish(), id, cas({ kind: 'version', version: 1 }, 'x'));

    expect([first, second]).toEqual([{ succeeded: false }, { succeeded: false }]);
  });

  test('D2: a copy that comes after a later request of its session is not executed', () => {
    const [, draft] = answered(emptyRecord(0, 0), requestId(1, 's', 2), put('new'));

    expect(draft.perform(requestId(1, 's', 1), put('old'))).toBe('superseded');
    expect(textIn(draft.finish())).toBe('new');
  });

  test('D1: what a forgotten generation asks is not executed', () => {
    const [, draft] = answered(emptyRecord(0, 0), requestId(4, 's', 1), put('a'));
    draft.forget(5);
    const record = draft.finish();

    const [answer, next] = answered(record, requestId(4, 's', 1), put('a'));

    expect(record).toEqual({ ...emptyRecord(5, 1), value: 'a' });
    expect(answer).toBe('session expired');
    expect(next.finish()).toEqual(record);
  });

  test('forgetting takes back no floor', () => {
    const draft = new Draft(emptyRecord(7, 3));
    draft.forget(5);

    expect(draft.finish()).toEqual(emptyRecord(7, 3));
  });

  test('versions never restart: an empty record goes on from its floor', () => {
    const [answer] = answered(emptyRecord(0, 8), requestId(1, 's', 1), put('a'));

    expect(answer).toEqual({ succeeded: true, version: 9 });
  });

  test('I2, I11: whatever copies come in whatever order, each request is executed once at most', () => {
    const name = fc.constantFrom('s', 't', 'u');
    const copy = fc.record({
      name,
      generation: fc.integer({ min: 1, max: 6 }),
      sequence: fc.integer({ min: 1, max: 4 }),
    });
    const forget = fc.record({ forget: fc.integer({ min: 1, max: 6 }) });
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ arbitrary: copy, weight: 6 }, { arbitrary: forget, weight: 1 }), {
          maxLength: 60,
        }),
        (steps) => {
          let record = emptyRecord(0, 0);
          const executed = new Map<string, Answer>();
          for (const step of steps) {
            const draft = new Draft(record);
            if ('forget' in step) draft.forget(step.forget);
            else {
              const id = requestId(step.generation, step.name, step.sequence);
              const answer = draft.perform(id, increment(1));
              const isNew = draft.finish().version > record.version;
              const key = JSON.stringify(id);
              expect(isNew && executed.has(key)).toBe(false);
              if (isNew) executed.set(key, answer);
              else if (typeof answer === 'object') expect(answer).toEqual(executed.get(key));
            }
            record = draft.finish();
            checkWellFormed(
              record,
              [...executed.keys()].map((key) => JSON.parse(key) as RequestId),
            );
          }
          expect(record.version).toBe(executed.size);
        },
      ),
    );
  });
});

/** I11: of each request that was executed, the record has a result, or one of a later request, or a floor above. */
function checkWellFormed(record: RegisterRecord, executed: readonly RequestId[]): void {
  const { generationFloor } = record;
  const results = Results.unpack(record.results);
  for (const [index, { session }] of results.entries()) {
    expect(session.generation).toBeGreaterThanOrEqual(generationFloor);
    const next = results[index + 1];
    if (next) expect(compareSessions(session, next.session)).toBeLessThan(0);
  }
  for (const { session, sequence } of executed) {
    const known = results.find((result) => compareSessions(result.session, session) === 0);
    expect(session.generation < generationFloor || (known?.sequence ?? 0) >= sequence).toBe(true);
  }
}

test('a value at rest shares no bytes with the request', () => {
  const value = Buffer.alloc(2_000, 'a');

  const effect = execute(nothing, { kind: 'put', value });
  value.fill('b');

  expect(effect.value).toEqual(keep(Buffer.alloc(2_000, 'a')));
});
