import { invariant } from '@jbstore/core';
import { slotOf, type View } from '@jbstore/gms/port';
import { Prune, ReadReturn, type Operation } from '@jbstore/slot-register/port';

import { Client, GrowingCluster, registerOf, type Node } from './growing-cluster';

const stepMs = 50;
const counters = ['visits', 'clicks', 'errors'];

/** Clients that count together, and write what is their own, at all members, whatever becomes of those. */
class Load {
  readonly #cluster: GrowingCluster;
  readonly #clients: Client[];
  readonly #sums = new Map<string, number[]>(counters.map((key) => [key, []]));
  readonly #versions = new Map<string, number>();
  #turn = 0;
  #isOver = false;

  constructor(cluster: GrowingCluster) {
    this.#cluster = cluster;
    this.#clients = ['a', 'b', 'c', 'd'].map((name) => new Client(cluster, name));
  }

  pass(seconds: number): void {
    for (let ms = 0; ms < seconds * 1_000; ms += stepMs) this.#step();
  }

  /** Until the members are those at `ports`, all agree on that, and all slots are settled. */
  passUntil(...ports: readonly number[]): void {
    for (let seconds = 0; seconds < 90 && !isAtRest(this.#cluster, ports); seconds += 1) {
      this.pass(1);
    }
    expect(isAtRest(this.#cluster, ports)).toBe(true);
  }

  /** Nothing new is asked for any more, and all that was is answered. */
  finish(): void {
    this.#isOver = true;
    this.pass(10);
    expect(this.#clients.filter(({ isBusy }) => isBusy)).toHaveLength(0);
  }

  /** Each increment was answered by a sum of its own; so none was counted twice, or not at all. */
  expectEachOnce(): void {
    for (const [key, sums] of this.#sums) {
      const inOrder = [...sums].sort((one, other) => one - other);
      expect(inOrder).toStrictEqual(sums.map((_, place) => place + 1));
      expect(sums.length).toBeGreaterThan(100);
      expect(new Set(this.#cluster.read(key))).toStrictEqual(new Set([String(sums.length)]));
    }
    for (const [key, version] of this.#versions) {
      expect(new Set(this.#cluster.read(key))).toStrictEqual(new Set([String(version)]));
    }
  }

  #step(): void {
    for (const [place, client] of this.#clients.entries()) {
      this.#turn += 1;
      if (!client.isBusy && !this.#isOver) this.#ask(client, `own ${place}`);
      client.attend(stepMs, this.#turn);
    }
    this.#cluster.pass(stepMs);
    for (const { register } of this.#cluster.lives) {
      for (const answer of register.take()) {
        if (answer instanceof ReadReturn) continue;
        for (const client of this.#clients) client.hear(answer);
      }
    }
  }

  #ask(client: Client, own: string): void {
    const key = counters[this.#turn % counters.length] ?? own;
    if (this.#turn % 4 > 0) {
      client.ask(key, { kind: 'increment', by: 1 }, ({ outcome }) => {
        this.#sums.get(key)?.push(outcome.value ?? 0);
      });
      return;
    }
    // It alone writes there, so a version that is missing was made by a copy.
    const version = (this.#versions.get(own) ?? 0) + 1;
    client.ask(own, { kind: 'put', value: Buffer.from(String(version)) }, ({ outcome }) => {
      expect(outcome).toEqual({ succeeded: true, version });
      this.#versions.set(own, version);
    });
  }
}

/** From now on a part of the messages is lost, and the others come in any order. */
function disturb({ processes: { wire } }: GrowingCluster, lossInHundred: number): void {
  let sent = 0;
  wire.rule(({ source, destination }, otherwise) => {
    if (source === destination) return otherwise;
    sent = (sent * 16_807 + 17) % 2_147_483_647;
    return sent % 100 < lossInHundred ? 'drop' : 1 + (sent % 31);
  });
}

function portsOf(view: View | undefined): number[] {
  const ports = view?.members.map(({ address }) => Number(address.split(':').at(-1))) ?? [];
  return ports.sort((one, other) => one - other);
}

/** All agree on who is a member, and all slots are settled. */
function isAtRest({ living }: GrowingCluster, ports: readonly number[]): boolean {
  const members = living.map(({ view }) => portsOf(view).join());
  return members.every((one) => one === ports.join()) && !living.some((one) => one.isUnsettled);
}

function memberAt(cluster: GrowingCluster, port: number): Node {
  const node = cluster.living.find(({ self }) => self.endsWith(`:${port}`));
  invariant(node !== undefined, `there is a member at ${port}`);
  return node;
}

describe('registers of a cluster that changes', () => {
  test.each([
    ['arrive', 0],
    ['are lost, three in a hundred, and overtake one another', 3],
  ])(
    'growth, a crash, a replacement, a departure: each request is executed once, while messages %s',
    (_, lossInHundred) => {
      const cluster = new GrowingCluster(`loss ${lossInHundred}`);
      if (lossInHundred > 0) disturb(cluster, lossInHundred);
      const load = new Load(cluster);
      load.pass(1);

      cluster.start(3);
      cluster.start(4, 1);
      load.passUntil(7100, 7101, 7102, 7103, 7104);

      // While it is moved: the leader, which leads a third of all slots.
      cluster.start(5, 1);
      load.pass(0.3);
      cluster.crash(memberAt(cluster, 7100));
      load.passUntil(7101, 7102, 7103, 7104, 7105);

      cluster.crash(memberAt(cluster, 7103));
      load.pass(3);
      cluster.start(3, 2);
      load.passUntil(7101, 7102, 7103, 7104, 7105);

      const leaver = memberAt(cluster, 7102);
      for (let again = 0; again < 5; again += 1) {
        cluster.ask(memberAt(cluster, 7101), { kind: 'leave', endpoint: '127.0.0.1:7102' });
        load.pass(0.2);
      }
      load.passUntil(7101, 7103, 7104, 7105);
      load.finish();
      expect(leaver.hasLeft).toBe(true);
      load.expectEachOnce();
    },
  );

  test('tombstones go with the next epoch of their slot, and what comes after has a higher version', () => {
    const cluster = new GrowingCluster('tombstones');
    const [first] = cluster.living;
    invariant(first?.view !== undefined, 'a cluster has a view');
    const { view } = first;
    const slot = slotOf(view, registerOf('old'));
    const neighbours = Array.from({ length: 20_000 }, (_, number) => `key ${number}`).filter(
      (key) => slotOf(view, registerOf(key)) === slot,
    );
    const [much = '', young = ''] = neighbours;
    let versions: (number | undefined)[] = [];
    const perform = (client: Client, key: string, ...operations: Operation[]): void => {
      for (const operation of operations) {
        client.ask(key, operation, ({ outcome }) => versions.push(outcome.version));
        client.attend(stepMs, 0);
        cluster.pass(stepMs);
        for (const { register } of cluster.lives) {
          for (const answer of register.take()) {
            if (!(answer instanceof ReadReturn)) client.hear(answer);
          }
        }
        expect(client.isBusy).toBe(false);
      }
    };
    const put: Operation = { kind: 'put', value: Buffer.from('value') };
    const gone: Operation = { kind: 'delete' };
    perform(new Client(cluster, 'before', 1), 'old', put, gone);
    perform(new Client(cluster, 'before', 1), much, put, gone, put, gone, put, gone);
    perform(new Client(cluster, 'today', 9), young, put);
    for (const { register } of cluster.living) register.trigger(new Prune(8, 3));

    cluster.ask(first, { kind: 'refresh', slots: [slot] });
    cluster.pass(3_000);
    expect(isAtRest(cluster, [7100, 7101, 7102])).toBe(true);

    // Nothing is known of it but that its version was 6 at most.
    versions = [];
    perform(new Client(cluster, 'after', 9), 'old', put);
    expect(versions).toStrictEqual([7]);
    expect(cluster.read('old')).toStrictEqual(['value', 'value', 'value']);
  });
});
