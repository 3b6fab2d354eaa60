import { Random } from '@jbstore/core';
import type { Address } from '@jbstore/network/port';
import {
  Cas,
  Delete,
  Get,
  Increment,
  Incremented,
  Mismatch,
  MutateRequest,
  Put,
  Value,
  type Mutation,
} from '@jbstore/store/port';

import { VirtualCluster } from './virtual-cluster';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const key = bytes('k');

function setUp(seed: string, clients: number, timeoutMs: number) {
  const cluster = new VirtualCluster({ seed, nodes: 5, register: 'exactly-once' });
  const { processes } = cluster;
  const ports = Array.from({ length: clients }, (_, index) => cluster.client(`c${String(index)}`));
  processes.start();
  processes.advance(1_000);
  const answerTo = (request: Mutation | Get, port = ports[0]): unknown => {
    port?.trigger(request);
    for (let passedMs = 0; passedMs < timeoutMs; passedMs += 10) {
      processes.advance(10);
      const [answer] = port?.take() ?? [];
      if (answer) return answer;
    }
    return undefined;
  };
  return { cluster, processes, ports, answerTo };
}

test('puts, deletes, compare and set, increments: each finds what the one before it has left', () => {
  const { answerTo } = setUp('operations', 1, 5_000);
  const expectedVersion = (version: number) => ({ kind: 'version', version }) as const;

  expect(answerTo(new Cas(key, { kind: 'absent' }, bytes('1')))).toMatchObject({ version: 1 });
  expect(answerTo(new Cas(key, { kind: 'absent' }, bytes('2')))).toBeInstanceOf(Mismatch);
  expect(answerTo(new Increment(key, 41))).toMatchObject({ value: 42, version: 2 });
  expect(answerTo(new Get(key))).toMatchObject({ value: bytes('42'), version: 2 });
  expect(answerTo(new Cas(key, expectedVersion(1), bytes('no')))).toMatchObject({ version: 2 });
  expect(
    answerTo(new Cas(key, { kind: 'value', value: bytes('42') }, bytes('text'))),
  ).toMatchObject({
    version: 3,
  });
  expect(answerTo(new Increment(key))).toMatchObject({ failure: 'not a number' });
  expect(answerTo(new Delete(key))).toMatchObject({ version: 4 });
  expect(answerTo(new Delete(key))).toMatchObject({ version: undefined });
  expect(answerTo(new Get(key))).not.toBeInstanceOf(Value);
  expect(answerTo(new Cas(key, expectedVersion(4), bytes('no')))).toMatchObject({
    version: undefined,
  });
  expect(answerTo(new Put(key, bytes('again')))).toMatchObject({ version: 5 });
});

/**
 * Loses a tenth of what is sent, and delivers a tenth again, up to three seconds later. Tells who was asked last
 * to change something: mostly the lead of the key.
 */
class Unruly {
  asked: Address | undefined;
  healed = false;

  constructor({ processes }: VirtualCluster, random: Random) {
    const { wire, host } = processes;
    wire.rule((envelope, otherwise) => {
      const { message, destination } = envelope;
      if (message instanceof MutateRequest) this.asked = destination;
      if (this.healed) return otherwise;
      if (random.int(10) === 0) {
        host.after(random.int(3_000), () => {
          wire.deliver(envelope);
        });
      }
      return random.int(10) === 0 ? 'drop' : otherwise;
    });
  }
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'every increment counts once, whatever is lost, doubled and late, and whoever dies (seed %i)',
  (seed) => {
    const { cluster, processes, ports, answerTo } = setUp(`counts ${String(seed)}`, 3, 60_000);
    const unruly = new Unruly(cluster, new Random(String(seed)));
    const each = 15;
    const waiting = ports.map(() => each);
    const sums: number[] = [];
    const next = (index: number): void => {
      const left = waiting[index] ?? 0;
      waiting[index] = left - 1;
      if (left > 0) ports[index]?.trigger(new Increment(key, 1, { timeoutMs: 60_000 }));
    };

    ports.forEach((_, index) => {
      next(index);
      next(index);
    });
    for (let passedMs = 0; passedMs < 90_000 && sums.length < 3 * each; passedMs += 10) {
      processes.advance(10);
      if (passedMs === 300) {
        const victim = cluster.nodes.find(({ self }) => self === unruly.asked);
        if (victim) processes.crash(victim);
      }
      ports.forEach((port, index) => {
        for (const answer of port.take()) {
          expect(answer).toBeInstanceOf(Incremented);
          if (answer instanceof Incremented) sums.push(answer.value);
          next(index);
        }
      });
    }
    unruly.healed = true;
    processes.advance(4_000);

    expect(sums.sort((one, other) => one - other)).toStrictEqual(
      Array.from({ length: 3 * each }, (_, index) => index + 1),
    );
    expect(answerTo(new Get(key))).toMatchObject({ value: bytes(String(3 * each)) });
  },
);
