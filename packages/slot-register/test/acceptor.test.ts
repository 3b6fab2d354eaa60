import fc from 'fast-check';

import { Acceptor } from '../src/acceptor';
import { sealed, type Former } from '../src/former';
import { emptyRecord, type RegisterRecord } from '../src/record';
import { SyncStreams, type SyncChunk, type SyncEntry } from '../src/sync-streams';
import {
  ballotOf,
  firstBallotOf,
  isHigher,
  isSameTag,
  proposerOf,
  roundOf,
  type Ballot,
  type Tag,
} from '../src/tag';

const recordOf = (text: string): RegisterRecord => ({ ...emptyRecord(0, 0), value: text });
const b0 = firstBallotOf(3);
const b1 = ballotOf(1, 2);
const b2 = ballotOf(2, 1);

describe('ballots and tags', () => {
  const index = fc.integer({ min: 1, max: 65_535 });
  const round = fc.integer({ min: 0, max: 2 ** 36 });

  test('ballots are ordered by round, then by index, and say both', () => {
    fc.assert(
      fc.property(round, index, round, index, (oneRound, oneIndex, otherRound, otherIndex) => {
        const one = ballotOf(oneRound, oneIndex);
        const other = ballotOf(otherRound, otherIndex);
        const isLess = oneRound < otherRound || (oneRound === otherRound && oneIndex < otherIndex);

        expect(one < other).toBe(isLess);
        expect([roundOf(one), proposerOf(one)]).toEqual([oneRound, oneIndex]);
      }),
    );
  });

  test('the first ballot of a lead is less than that of any takeover, and more than none', () => {
    expect(firstBallotOf(65_535)).toBeLessThan(ballotOf(1, 1));
    expect(firstBallotOf(1)).toBeGreaterThan(0);
  });

  test('tags are compared whole', () => {
    expect(isHigher({ ballot: 2, count: 0 }, { ballot: 1, count: 9 })).toBe(true);
    expect(isHigher({ ballot: 1, count: 2 }, { ballot: 1, count: 1 })).toBe(true);
    expect(isHigher({ ballot: 1, count: 1 }, { ballot: 1, count: 1 })).toBe(false);
    expect(isSameTag({ ballot: 1, count: 1 }, { ballot: 1, count: 2 })).toBe(false);
  });
});

describe('the acceptor of a slot', () => {
  test('A1: a promise keeps lower ballots out, and may be asked for again', () => {
    const acceptor = new Acceptor(true);

    expect(acceptor.promise('x', b1)).toBe(true);
    expect(acceptor.promise('x', b1)).toBe(true);
    expect(acceptor.promise('x', b0)).toBe(false);
    expect(acceptor.accept('x', b0, 1, recordOf('late'))).toBe(false);
    expect(acceptor.vote('x')?.record.value).toBeUndefined();
  });

  test('A1: one register does not bind the others', () => {
    const acceptor = new Acceptor(true);
    acceptor.promise('x', b2);

    expect(acceptor.accept('y', b0, 1, recordOf('y'))).toBe(true);
  });

  test('A2: what is accepted is only replaced by what has a higher tag', () => {
    const acceptor = new Acceptor(true);
    acceptor.accept('x', b0, 2, recordOf('second'));

    expect(acceptor.accept('x', b0, 1, recordOf('first'))).toBe(true);
    expect(acceptor.vote('x')).toMatchObject({ ballot: b0, count: 2, record: { value: 'second' } });
  });

  test('A2: an accepted ballot is a promise', () => {
    const acceptor = new Acceptor(true);
    acceptor.accept('x', b1, 1, recordOf('takeover'));

    expect(acceptor.accept('x', b0, 9, recordOf('lead'))).toBe(false);
    expect(acceptor.promised('x')).toBe(b1);
  });

  test('A3: who is not synced has no vote for what it has not accepted; who is votes for nothing', () => {
    const acceptor = new Acceptor(false);
    acceptor.accept('x', b0, 1, recordOf('value'));

    expect([acceptor.vote('x')?.count, acceptor.vote('y')]).toEqual([1, undefined]);

    acceptor.becomeSynced({ generationFloor: 4, versionFloor: 7 });

    expect(acceptor.vote('y')).toEqual({ ballot: 0, count: 0, record: emptyRecord(4, 7) });
  });

  test('A4: what others have promised counts as promised, for a register and for the slot', () => {
    const acceptor = new Acceptor(true);
    acceptor.heed('x', b1);
    expect(acceptor.accept('x', b0, 1, recordOf('x'))).toBe(false);

    acceptor.heedFloor(b1);
    expect(acceptor.accept('y', b0, 1, recordOf('y'))).toBe(false);
    expect(acceptor.accept('y', b1, 1, recordOf('y'))).toBe(true);
  });

  test('a slot is granted above all promises only, and its votes are those of the grant', () => {
    const acceptor = new Acceptor(true);
    acceptor.accept('x', b0, 1, recordOf('before'));
    acceptor.promise('y', b1);
    expect(acceptor.grantSlot(b1)).toBeUndefined();

    const granted = acceptor.grantSlot(b2);
    acceptor.accept('x', ballotOf(3, 1), 1, recordOf('after'));

    expect(granted?.accepted.get('x')?.record.value).toBe('before');
    expect(acceptor.grantSlot(b2)).toBe(granted);
    expect(acceptor.accept('z', b1, 1, recordOf('late'))).toBe(false);

    acceptor.heedFloor(ballotOf(3, 1));
    expect(acceptor.grantSlot(b2)).toBeUndefined();
  });

  test('I6: promises and tags never decrease, and nothing is accepted below a promise', () => {
    const register = fc.constantFrom('x', 'y');
    const ballot = fc.constantFrom(b0, b1, b2, ballotOf(2, 2));
    const step = fc.record({
      what: fc.constantFrom('promise', 'accept', 'heed', 'slot'),
      register,
      ballot,
      count: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const acceptor = new Acceptor(true);
        let before = stateOf(acceptor);
        for (const { what, register: of, ballot: by, count } of steps) {
          const allowed = by >= before[of].promised;
          if (what === 'promise') expect(acceptor.promise(of, by)).toBe(allowed);
          if (what === 'accept') {
            expect(acceptor.accept(of, by, count, recordOf(''))).toBe(allowed);
          }
          if (what === 'heed') acceptor.heed(of, by);
          if (what === 'slot') acceptor.grantSlot(by);
          const now = stateOf(acceptor);
          for (const name of ['x', 'y'] as const) {
            expect(now[name].promised).toBeGreaterThanOrEqual(before[name].promised);
            expect(isHigher(before[name].tag, now[name].tag)).toBe(false);
            expect(now[name].tag.ballot).toBeLessThanOrEqual(now[name].promised);
            expect(acceptor.highest).toBeGreaterThanOrEqual(now[name].promised);
          }
          if (what === 'promise' || what === 'accept') {
            expect(now[of].promised).toBe(Math.max(by, before[of].promised));
          }
          before = now;
        }
      }),
    );
  });
});

function stateOf(acceptor: Acceptor): Record<'x' | 'y', { promised: Ballot; tag: Tag }> {
  const tagOf = (register: string): Tag => {
    const { ballot, count } = acceptor.vote(register) ?? { ballot: 0, count: 0 };
    return { ballot, count };
  };
  return {
    x: { promised: acceptor.promised('x'), tag: tagOf('x') },
    y: { promised: acceptor.promised('y'), tag: tagOf('y') },
  };
}

const epoch = 7;
const entry = (register: string, more: Partial<SyncEntry> = {}): SyncEntry => {
  return { register, count: 0, record: recordOf(register), ...more };
};

function chunkOf(
  chunk: number,
  entries: readonly SyncEntry[],
  more: Partial<SyncChunk> = {},
): SyncChunk {
  const floors = { generationFloor: 4, versionFloor: 9 };
  return { ballot: b1, stream: 1, chunk, isLast: false, entries, ...floors, ...more };
}

/** The acceptor of a member of a new epoch, and its end of the streams; it had x, as "old x", in the one before. */
class Receiver {
  readonly acceptor = new Acceptor(false);
  readonly #streams = new SyncStreams(this.acceptor, epoch);
  readonly #former: Former;

  constructor() {
    const before = new Acceptor(true);
    before.accept('x', b2, 5, recordOf('old x'));
    this.#former = sealed(6, before);
  }

  receive(chunk: SyncChunk): unknown {
    return this.#streams.receive(chunk, this.#former);
  }
}

const ack = (synced: boolean): unknown => ({ kind: 'ack', synced });

describe('A5: streams of a slot', () => {
  test('who has received every chunk of one stream is synced, with its floors', () => {
    const receiver = new Receiver();

    expect(receiver.receive(chunkOf(1, [entry('b')], { isLast: true }))).toEqual(ack(false));
    expect(receiver.receive(chunkOf(1, [entry('b')], { isLast: true }))).toEqual(ack(false));
    expect(receiver.receive(chunkOf(0, [entry('a')]))).toEqual(ack(true));

    expect(receiver.acceptor.vote('a')).toEqual({ ballot: b1, count: 0, record: recordOf('a') });
    expect(receiver.acceptor.vote('x')?.record).toEqual(emptyRecord(4, 9));
    expect(receiver.acceptor.promised('x')).toBe(b1);
  });

  test('sync_chunks: the last chunk is not enough', () => {
    const receiver = new Receiver();

    expect(receiver.receive(chunkOf(2, [], { isLast: true }))).toEqual(ack(false));
    expect(receiver.receive(chunkOf(0, []))).toEqual(ack(false));
    expect(receiver.receive(chunkOf(1, []))).toEqual(ack(true));
  });

  test('sync_mix: chunks of two streams of one ballot make no whole', () => {
    const receiver = new Receiver();
    receiver.receive(chunkOf(0, [entry('a')], { stream: 1 }));

    expect(receiver.receive(chunkOf(1, [entry('b')], { stream: 2, isLast: true }))).toEqual(
      ack(false),
    );
    expect(receiver.receive(chunkOf(1, [entry('b')], { stream: 1, isLast: true }))).toEqual(
      ack(true),
    );
  });

  test('sync_floor: a higher floor voids a stream, and chunks below it are refused', () => {
    const receiver = new Receiver();
    receiver.receive(chunkOf(0, [entry('a')]));
    receiver.acceptor.heedFloor(b2);

    const answer = receiver.receive(chunkOf(1, [entry('b')], { isLast: true }));

    expect(answer).toEqual({ kind: 'nack', ballot: b2 });
    expect(receiver.acceptor.vote('b')).toBeUndefined();
  });

  test('sync_floor: an empty stream below the floor makes nobody synced either', () => {
    const receiver = new Receiver();
    receiver.acceptor.heedFloor(b2);

    expect(receiver.receive(chunkOf(0, [], { isLast: true }))).toEqual({
      kind: 'nack',
      ballot: b2,
    });
    expect(receiver.acceptor.synced).toBe(false);
  });

  test('sync_floor: chunks of a stream of a lower ballot do not count for the same stream of a higher one', () => {
    const receiver = new Receiver();
    receiver.receive(chunkOf(0, [entry('a')]));

    const answer = receiver.receive(chunkOf(1, [entry('b')], { ballot: b2, isLast: true }));

    expect(answer).toEqual(ack(false));
  });

  test('sync_need: a record that is not here is asked for, and its chunk counts when it came', () => {
    const receiver = new Receiver();
    const wanted = entry('a', { record: undefined, old: { epoch: 6, ballot: b0, count: 1 } });

    const answer = receiver.receive(chunkOf(0, [wanted], { isLast: true }));

    expect(answer).toEqual({ kind: 'need', registers: ['a'] });
    expect(receiver.acceptor.synced).toBe(false);
    expect(receiver.receive(chunkOf(0, [entry('a')], { isLast: true }))).toEqual(ack(true));
  });

  test('a record that is here under the same old tag gets its new one', () => {
    const receiver = new Receiver();
    const same = entry('x', { record: undefined, old: { epoch: 6, ballot: b2, count: 5 } });

    expect(receiver.receive(chunkOf(0, [same], { isLast: true }))).toEqual(ack(true));
    expect(receiver.acceptor.vote('x')).toEqual({
      ballot: b1,
      count: 0,
      record: recordOf('old x'),
    });
  });

  test.each([
    { epoch: 6, ballot: b2, count: 4 },
    { epoch: 6, ballot: b1, count: 5 },
    { epoch: 5, ballot: b2, count: 5 },
    { epoch, ballot: b2, count: 5 },
  ])('another old tag, %j, is another record', (old) => {
    const receiver = new Receiver();

    const answer = receiver.receive(chunkOf(0, [entry('x', { record: undefined, old })]));

    expect(answer).toEqual({ kind: 'need', registers: ['x'] });
  });

  test('a record accepted in this epoch is found by its tag as well', () => {
    const receiver = new Receiver();
    receiver.acceptor.accept('x', b0, 3, recordOf('in epoch'));
    const old = { epoch, ballot: b0, count: 3 };

    receiver.receive(chunkOf(0, [entry('x', { record: undefined, old })], { isLast: true }));

    expect(receiver.acceptor.vote('x')).toMatchObject({
      ballot: b1,
      record: { value: 'in epoch' },
    });
  });

  test('what was accepted above a listed tag stays, and counts for it', () => {
    const receiver = new Receiver();
    receiver.acceptor.accept('a', b2, 1, recordOf('newer'));

    expect(receiver.receive(chunkOf(0, [entry('a')], { isLast: true }))).toEqual(ack(true));
    expect(receiver.acceptor.vote('a')?.record.value).toBe('newer');
  });

  test('a listed register promised above the ballot and not held is refused, and its chunk does not count', () => {
    const receiver = new Receiver();
    receiver.acceptor.promise('a', b2);

    expect(receiver.receive(chunkOf(0, [entry('a')], { isLast: true }))).toEqual({
      kind: 'nack',
      ballot: b2,
    });

    receiver.acceptor.accept('a', b2, 1, recordOf('newer'));
    expect(receiver.receive(chunkOf(0, [entry('a')], { isLast: true }))).toEqual(ack(true));
  });

  test('a listed register held below its count and promised above the ballot is refused, and its chunk missing', () => {
    const receiver = new Receiver();
    receiver.acceptor.accept('a', b1, 1, recordOf('older'));
    receiver.acceptor.promise('a', b2);

    const answer = receiver.receive(chunkOf(0, [entry('a', { count: 2 })]));

    expect(answer).toEqual({ kind: 'nack', ballot: b2 });
    expect(receiver.receive(chunkOf(1, [], { isLast: true }))).toEqual(ack(false));
    expect(receiver.acceptor.synced).toBe(false);
  });

  test('sync_prom: a register that is not listed, promised above the ballot and not held, prevents it', () => {
    const receiver = new Receiver();
    receiver.acceptor.promise('b', b2);

    expect(receiver.receive(chunkOf(0, [entry('a')], { isLast: true }))).toEqual({
      kind: 'nack',
      ballot: b2,
    });

    receiver.acceptor.accept('b', b2, 1, recordOf('taken over'));
    expect(receiver.receive(chunkOf(0, [entry('a')], { isLast: true }))).toEqual(ack(true));
  });

  test('a promise that the floor has reached prevents nothing', () => {
    const receiver = new Receiver();
    receiver.acceptor.promise('b', b0);

    expect(receiver.receive(chunkOf(0, [], { isLast: true }))).toEqual(ack(true));
  });

  test('floors never sink', () => {
    const receiver = new Receiver();
    receiver.receive(chunkOf(0, [], { isLast: true }));
    receiver.receive(
      chunkOf(0, [], { stream: 2, isLast: true, generationFloor: 1, versionFloor: 1 }),
    );

    expect(receiver.acceptor).toMatchObject({ generationFloor: 4, versionFloor: 9 });
  });
});
