import { createHash } from 'node:crypto';

import {
  View,
  groupOf,
  largestReplication,
  membersOf,
  ownerIndexOf,
  ownerOf,
  positionOf,
  rangeOf,
  rangesOf,
} from '@jbstore/gms/port';
import { Address, address, parseAddress } from '@jbstore/network/port';
import fc from 'fast-check';

const ring = 2n ** 128n;

function numberOf(position: string): bigint {
  return BigInt(`0x${Buffer.from(position, 'latin1').toString('hex')}`);
}

function positionAt(number: bigint): string {
  return Buffer.from(number.toString(16).padStart(32, '0'), 'hex').toString('latin1');
}

function viewOf(addresses: readonly Address[], replication: number): View {
  const members = membersOf(addresses);
  return { clusterId: 'test', number: 1, replication, register: 'multi-writer', members };
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

describe('a view', () => {
  test('has its members in the order of host and port, whatever the order of their joins', () => {
    fc.assert(
      fc.property(addresses, fc.func(fc.integer()), (all, chance) => {
        const shuffled = [...all].sort((one, other) => chance(one) - chance(other));
        const members = membersOf(shuffled);

        expect(members).toStrictEqual(membersOf(all));
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

  test('cuts the ring [0, 2^128) into ranges without a gap or an overlap, equal but for a hair', () => {
    fc.assert(
      fc.property(views, (view) => {
        const ranges = rangesOf(view);
        const starts = ranges.map(({ start }) => numberOf(start));
        const ends = ranges.map(({ end }) => (end === undefined ? ring : numberOf(end)));

        expect(starts[0]).toBe(0n);
        expect(ends).toStrictEqual([...starts.slice(1), ring]);
        const even = ring / BigInt(starts.length);
        for (const [index, start] of starts.entries()) {
          const length = (ends[index] ?? 0n) - start;
          const difference = length > even ? length - even : even - length;
          expect(difference <= 2n ** 97n).toBe(true);
        }
      }),
    );
  });

  test('shows to its members the ranges by which it finds owners', () => {
    fc.assert(
      fc.property(views, (view) => {
        for (const [index, { address, rangeStart }] of view.members.entries()) {
          const first = BigInt(`0x${rangeStart}`);
          expect(ownerIndexOf(view, positionAt(first))).toBe(index);
          expect(ownerOf(view, positionAt(first))).toBe(address);
          if (first > 0n) expect(ownerIndexOf(view, positionAt(first - 1n))).toBe(index - 1);
        }
      }),
    );
  });

  test('gives every position to the owner of the range in which it lies', () => {
    fc.assert(
      fc.property(views, positions, (view, position) => {
        const { start, end, owner, group } = rangeOf(view, position);

        expect(start <= position && (end === undefined || position < end)).toBe(true);
        expect(ownerOf(view, position)).toBe(owner);
        expect(view.members[ownerIndexOf(view, position)]?.address).toBe(owner);
        expect(groupOf(view, position)).toBe(group);
      }),
    );
  });

  test('gives each position to its owner and the next members, δ different ones', () => {
    fc.assert(
      fc.property(views, positions, (view, position) => {
        const group = groupOf(view, position);
        const order = view.members.map((member) => member.address);
        const index = ownerIndexOf(view, position);

        expect(new Set(group).size).toBe(view.replication);
        expect(group).toStrictEqual(
          Array.from(
            { length: view.replication },
            (_, step) => order[(index + step) % order.length],
          ),
        );
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
});

describe('a view that came over the network', () => {
  const p = Address.parse('p@127.0.0.1:7100');
  const q = Address.parse('q@127.0.0.1:7101');
  const good = viewOf([p, q], 2);
  const [first, second] = good.members;

  test('is a view if it is well formed', () => {
    fc.assert(
      fc.property(views, (view) => {
        expect(View.parse(view)).toStrictEqual(view);
      }),
    );
  });

  test.each([
    ['more copies than members', { ...good, replication: 3 }],
    ['members out of order', { ...good, members: [second, first] }],
    [
      'ranges that are not equal',
      { ...good, members: [first, { ...second, rangeStart: '1'.repeat(32) }] },
    ],
    ['two processes at one host and port', viewOf([p, Address.parse('r@127.0.0.1:7100')], 1)],
    ['a member that listens nowhere', viewOf([Address.parse('p@')], 1)],
    ['a member that is anybody', viewOf([Address.parse('@127.0.0.1:7100')], 1)],
    ['no members', { ...good, members: [] }],
    ['no number', { ...good, number: 0 }],
  ])('is refused with %s', (_, view) => {
    expect(View.safeParse(view).success).toBe(false);
  });

  test('has groups that a register can have', () => {
    const many = Array.from({ length: 40 }, (_, index) =>
      Address.parse(`p${index}@127.0.0.1:${7100 + index}`),
    );

    expect(View.safeParse(viewOf(many, largestReplication)).success).toBe(true);
    expect(View.safeParse(viewOf(many, largestReplication + 1)).success).toBe(false);
  });
});
