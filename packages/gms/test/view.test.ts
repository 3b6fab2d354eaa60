import { createHash } from 'node:crypto';

import {
  View,
  ViewReply,
  addressOf,
  epochOf,
  firstView,
  groupOf,
  indexOf,
  largestReplication,
  leadOf,
  loadOf,
  positionOf,
  rangeOf,
  rangesOf,
  runOf,
  slotOf,
  type Load,
} from '@jbstore/gms/port';
import { Address, address, decode, encode, parseAddress } from '@jbstore/network/port';
import fc from 'fast-check';

const ring = 2n ** 128n;

function numberOf(position: string): bigint {
  return BigInt(`0x${Buffer.from(position, 'latin1').toString('hex')}`);
}

function positionAt(number: bigint): string {
  return Buffer.from(number.toString(16).padStart(32, '0'), 'hex').toString('latin1');
}

function viewOf(addresses: readonly Address[], replication: number): View {
  return firstView({ clusterId: 'test', replication, register: 'multi-writer' }, addresses);
}

const addresses = fc
  .uniqueArray(fc.tuple(fc.constantFrom('10.0.0.9', '10.0.0.10', '::1', 'a'), fc.nat(65_535)), {
    minLength: 1,
    maxLength: 12,
    selector: String,
  })
  .map((places) =>
    places.map(([host, port], index) =>
      Address.parse(`${String(index)}${address({ host, port })}`),
    ),
  );

const views = addresses.chain((all) =>
  fc.integer({ min: 1, max: all.length }).map((replication) => viewOf(all, replication)),
);

const positions = fc
  .oneof(fc.bigInt({ min: 0n, max: ring - 1n }), fc.constantFrom(0n, ring - 1n))
  .map(positionAt);

describe('a position', () => {
  test('is the first 128 bits of SHA-256, a character a byte', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (key) => {
        const digest = createHash('sha256').update(key).digest().subarray(0, 16);
        expect(positionOf(key)).toBe(digest.toString('latin1'));
      }),
    );
  });
});

describe('the first view', () => {
  test('has its members in the order of host and port, whatever the order of their joins', () => {
    fc.assert(
      fc.property(addresses, fc.func(fc.integer()), (all, chance) => {
        const shuffled = [...all].sort((one, other) => chance(one) - chance(other));
        const { members } = viewOf(shuffled, 1);

        expect(members).toStrictEqual(viewOf(all, 1).members);
        expect(members.map(({ index }) => index)).toStrictEqual(all.map((_, place) => place + 1));
        const places = members.map((member) => parseAddress(member.address));
        for (const [index, { host = '', port = 0 }] of places.entries()) {
          const before = places[index - 1];
          if (!before) continue;
          expect(
            before.host === host ? (before.port ?? 0) < port : (before.host ?? '') < host,
          ).toBe(true);
        }
      }),
    );
  });

  test('gives the slots from ⌊i · Q / N⌋ on to the i-th member and the next ones, δ different ones', () => {
    fc.assert(
      fc.property(views, fc.nat(), (view, number) => {
        const { slotCount, members, replication } = view;
        const slot = number % slotCount;
        const { epoch, group, lead, previous } = runOf(view, slot);

        const starts = members.map((_, index) => Math.floor((index * slotCount) / members.length));
        const owner = starts.filter((start) => start <= slot).length - 1;
        expect(group).toStrictEqual(
          Array.from({ length: replication }, (_, step) => ((owner + step) % members.length) + 1),
        );
        expect({ epoch, lead, previous }).toEqual({ epoch: 1, lead: owner + 1 });
      }),
    );
  });

  test('has a council of the largest odd number of members up to seven', () => {
    const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((nodes) => {
      const all = Array.from({ length: nodes }, (_, index) =>
        Address.parse(`p${index}@127.0.0.1:${7100 + index}`),
      );
      return viewOf(all, 1).council.length;
    });

    expect(sizes).toStrictEqual([1, 1, 3, 3, 5, 5, 7, 7, 7]);
  });
});

describe('a view', () => {
  test('cuts the ring [0, 2^128) into ranges without a gap or an overlap', () => {
    fc.assert(
      fc.property(views, (view) => {
        const ranges = rangesOf(view);
        const starts = ranges.map(({ start }) => numberOf(start));
        const ends = ranges.map(({ end }) => (end === undefined ? ring : numberOf(end)));

        expect(starts[0]).toBe(0n);
        expect(ends).toStrictEqual([...starts.slice(1), ring]);
        const slot = ring / BigInt(view.slotCount);
        for (const [index, start] of starts.entries()) {
          expect((ends[index] ?? 0n) - start).toBe(BigInt(view.runs[index]?.slots ?? 0) * slot);
        }
      }),
    );
  });

  test('finds slot, range, group and lead of every position, be it at the edge of a range', () => {
    fc.assert(
      fc.property(views, positions, fc.nat(), (view, somewhere, number) => {
        const ranges = rangesOf(view);
        const edge = ranges[number % ranges.length]?.start ?? somewhere;
        const before = positionAt((numberOf(edge) + ring - 1n) % ring);
        for (const position of [somewhere, edge, before]) {
          const { start, end, run, group, lead } = rangeOf(view, position);

          expect(start <= position && (end === undefined || position < end)).toBe(true);
          const slot = Number(numberOf(position) / (ring / BigInt(view.slotCount)));
          expect(slotOf(view, position)).toBe(slot);
          expect(runOf(view, slot)).toBe(run);
          expect(group).toStrictEqual(run.group.map((index) => addressOf(view, index)));
          expect(lead).toBe(addressOf(view, run.lead));
          expect(groupOf(view, position)).toBe(group);
          expect(leadOf(view, position)).toBe(lead);
        }
      }),
    );
  });

  test('makes its groups once, also when two views are in use', () => {
    fc.assert(
      fc.property(views, views, positions, (view, other, position) => {
        const group = groupOf(view, position);
        groupOf(other, position);

        expect(groupOf(view, position)).toBe(group);
        expect(Object.isFrozen(group)).toBe(true);
      }),
    );
  });

  test('knows its members by index and by address, and no others', () => {
    fc.assert(
      fc.property(views, (view) => {
        for (const { index, address } of view.members) {
          expect(addressOf(view, index)).toBe(address);
          expect(indexOf(view, address)).toBe(index);
        }
        expect(addressOf(view, view.nextIndex)).toBeUndefined();
        expect(indexOf(view, Address.parse('stranger@a:1'))).toBeUndefined();
      }),
    );
  });

  test('knows how many slots a member leads and holds', () => {
    fc.assert(
      fc.property(views, (view) => {
        const loads = view.members.map(({ index }) => loadOf(view, index));
        const total = (part: (load: Load) => number): number =>
          loads.reduce((sum, load) => sum + part(load), 0);

        expect(total(({ leads }) => leads)).toBe(view.slotCount);
        expect(total(({ holds }) => holds)).toBe(view.slotCount * view.replication);
        const even = view.slotCount / view.members.length;
        for (const { leads } of loads) expect(Math.abs(leads - even)).toBeLessThan(1);
      }),
    );
  });

  test('is newer than another one by its era, then by its number', () => {
    const view = viewOf([Address.parse('p@a:1')], 1);
    const order = [
      { ...view, era: 0, number: 1 },
      { ...view, era: 0, number: 2 ** 32 - 1 },
      { ...view, era: 1, number: 1 },
      { ...view, era: 65_535, number: 2 ** 32 - 1 },
    ];

    for (const [index, one] of order.entries()) {
      for (const [other, two] of order.entries()) {
        expect(Math.sign(epochOf(one) - epochOf(two))).toBe(Math.sign(index - other));
      }
    }
    expect(Number.isSafeInteger(epochOf(order[3] ?? view))).toBe(true);
  });
});

describe('a view that came over the network', () => {
  const places = [1, 2, 3, 4].map((n) => Address.parse(`p${n}@127.0.0.1:${7100 + n}`));
  const first = viewOf(places, 2);
  const [one, two, three, four] = first.members;
  const group = [3, 4];
  const forced = { epoch: 2, group: [1], forced: true };
  /** Member 4 came, member 1 leaves, and 2 is gone: all that a view may have is in it. */
  const good = {
    ...first,
    era: 1,
    number: 7,
    forces: [{ id: 'f', after: 6 }],
    members: [{ ...one, state: 'leaving' }, { ...two, state: 'evicted' }, three, four],
    nextIndex: 6,
    council: [1, 3, 4],
    slotCount: 8,
    tokens: [
      { slot: 1, member: 4 },
      { slot: 5, member: 3 },
    ],
    runs: [
      { slots: 5, epoch: 2 ** 32 + 7, group, lead: 4, previous: { epoch: 3, group: [1, 2, 5] } },
      { slots: 2, epoch: 3, group: [1, 3], lead: 3, previous: forced },
      { slots: 1, epoch: 1, group, lead: 3 },
    ],
  };
  const withRun = (change: object): object => ({
    ...good,
    runs: [{ ...good.runs[0], ...change }, ...good.runs.slice(1)],
  });
  const withMember = (change: object): object => ({
    ...good,
    members: [...good.members.slice(0, 3), { ...four, ...change }],
  });

  test('is a view if it is well formed', () => {
    expect(View.parse(good)).toStrictEqual(good);
    fc.assert(
      fc.property(views, (view) => {
        expect(View.parse(view)).toStrictEqual(view);
      }),
    );
  });

  test('arrives as it was sent', () => {
    const destination = Address.parse('c@');
    const source = Address.parse('p3@127.0.0.1:7103');
    const view = View.parse(good);

    const sent = encode(new ViewReply(destination, { view, suspected: [] }));
    const received = decode(sent, { source, destination, lane: 'normal' });

    expect(received).toMatchObject({ source, view });
    expect(sent.length).toBeLessThan(200);
  });

  test.each([
    ['members', 'out of order', { members: [two, one, three, four] }],
    ['members', 'twice', { members: [one, one, three, four] }],
    ['nextIndex', 'that was given', { nextIndex: 4 }],
    ['one host', 'with two members', withMember({ address: 'r@127.0.0.1:7103' })],
    ['process', 'that is two members', withMember({ address: one?.address, state: 'leaving' })],
    ['a member has', 'that listens nowhere', withMember({ address: 'p@' })],
    ['a member has', 'that is anybody', withMember({ address: '@127.0.0.1:7100' })],
    ['odd', 'an even council', { council: [1, 3] }],
    ['council twice', 'a council of less', { council: [3, 3, 4] }],
    ['council is of', 'a council of strangers', { council: [5] }],
    ['council is of', 'a council of the evicted', { council: [2] }],
    ['power of two', 'seven slots', { slotCount: 7 }],
    ['tokens are sorted', 'tokens out of order', { tokens: good.tokens.toReversed() }],
    ['slots of the ring', 'a token beyond', { slotCount: 4, tokens: good.tokens }],
    ['active members', 'tokens of who is leaving', { tokens: [{ slot: 0, member: 1 }] }],
    ['active members', 'tokens of strangers', { tokens: [{ slot: 0, member: 5 }] }],
    ['cover the 8 slots, not 9', 'a slot too much', withRun({ slots: 6 })],
    ['cover the 8 slots, not 7', 'a slot too little', withRun({ slots: 4 })],
    ['replication', 'a group too large', withRun({ group: [1, 3, 4] })],
    ['group twice', 'a group of one, twice', withRun({ group: [4, 4] })],
    ['groups are of', 'a group with a stranger', withRun({ group: [4, 5] })],
    ['groups are of', 'a group with an evicted one', withRun({ group: [4, 2] })],
    ['lead', 'a lead from elsewhere', withRun({ lead: 1 })],
    ['above that', 'an epoch to come', withRun({ epoch: 2 ** 32 + 8 })],
    ['below', 'a later previous epoch', withRun({ epoch: 3 })],
    [
      'previous group twice',
      'one twice before',
      withRun({ previous: { epoch: 1, group: [1, 1] } }),
    ],
    ['were, members', 'a future member before', withRun({ previous: { epoch: 1, group: [6] } })],
    ['by a force', 'an era that nobody began', { era: 2 }],
    ['>=1', 'no members', { members: [] }],
    ['>0', 'no number', { number: 0 }],
  ])('is refused for its %s: %s', (why, _, change) => {
    const { success, error } = View.safeParse({ ...good, ...change });

    expect(success).toBe(false);
    expect(error?.message).toContain(why);
  });

  test('has groups that a register can have', () => {
    const many = Array.from({ length: 40 }, (_, index) =>
      Address.parse(`p${index}@127.0.0.1:${7100 + index}`),
    );

    expect(View.safeParse(viewOf(many, largestReplication)).success).toBe(true);
    expect(View.safeParse(viewOf(many, largestReplication + 1)).success).toBe(false);
  });
});
