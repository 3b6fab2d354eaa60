import { UnconnectedPortError } from '@jbstore/core';
import {
  Accept,
  Accepted,
  Decided,
  Prepare,
  Promised,
  Refused,
  SingleDecreePaxos,
} from '@jbstore/consensus';
import { Ahead, Behind, Decide, Propose, Serve, Withdraw } from '@jbstore/consensus/port';
import { Address } from '@jbstore/network/port';
import { Harness } from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';

import { VirtualParticipants } from './participants';

const a = Address.parse('a@a:7000');
const b = Address.parse('b@b:7000');
const c = Address.parse('c@c:7000');
const d = Address.parse('d@d:7000');
const e = Address.parse('e@e:7000');
const outsider = Address.parse('x@x:7000');
const five = [a, b, c, d, e];

const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const x = bytesOf('x');
const y = bytesOf('y');
const z = bytesOf('z');
/** A ballot of the process at `rank`. */
const ballotOf = (round: number, rank: number, boot = 7): Prepare['ballot'] => ({
  round,
  rank,
  boot,
});

/** Process a, which serves instance 1 unless told otherwise, with probes above and below. */
class Setting {
  readonly harness = new Harness();
  readonly #timer = this.harness.create(HostTimer);
  readonly #paxos = this.harness.create(SingleDecreePaxos, { self: a });
  readonly consensus = this.harness.clientOf(this.#paxos.consensus);
  readonly network = this.harness.providerOf(this.#paxos.network);

  constructor({ acceptors = five, instance = 1 } = {}) {
    this.#timer.timer.connect(this.#paxos.timer);
    this.harness.start();
    this.consensus.trigger(new Serve(instance, acceptors));
  }

  readonly propose = (value: Uint8Array, instance = 1): void => {
    this.consensus.trigger(new Propose(instance, value));
  };

  /** The client of another component that serves instance 1 with the same timer. */
  readonly another = (): { trigger(request: Serve | Propose): void } => {
    const paxos = this.harness.create(SingleDecreePaxos, { self: b });
    this.#timer.timer.connect(paxos.timer);
    this.harness.providerOf(paxos.network);
    const consensus = this.harness.clientOf(paxos.consensus);
    consensus.trigger(new Serve(1, five));
    return consensus;
  };

  /** The ballot of the newest Prepare that was sent. */
  readonly ballot = (): Prepare['ballot'] => {
    const prepare = this.network.takeAll(Prepare).at(-1);
    if (!prepare) throw new Error('no ballot was begun');
    return prepare.ballot;
  };

  readonly promise = (
    source: Address,
    ballot: Prepare['ballot'],
    vote?: Promised['vote'],
  ): void => {
    this.network.trigger(new Promised(a, { instance: 1, ballot, vote }, { source }));
  };

  readonly accept = (source: Address, ballot: Prepare['ballot']): void => {
    this.network.trigger(new Accepted(a, { instance: 1, ballot }, { source }));
  };

  /** Refuses `ballot` for one of `round`, and waits until the next is begun. */
  readonly refuse = (ballot: Prepare['ballot'], round: number): Prepare['ballot'] => {
    this.network.trigger(new Refused(a, { instance: 1, ballot, round }, { source: b }));
    this.network.take();
    this.harness.advance(10_000);
    return this.ballot();
  };

  /** The values that were asked to be accepted since the last call, each with who was asked. */
  readonly asked = (): readonly string[] =>
    this.network
      .takeAll(Accept)
      .map(({ destination, value }) => `${Buffer.from(value).toString()} ${destination[0] ?? ''}`);

  /** What process a, as an acceptor, answers. */
  readonly ask = (question: Prepare | Accept): unknown => {
    this.network.take();
    this.network.trigger(question);
    return this.network.take();
  };
}

describe('SingleDecreePaxos, the proposer', () => {
  test('asks all acceptors, itself included, for a promise and then for a vote', () => {
    const { consensus, network, propose, promise, accept } = new Setting({ acceptors: [a, b, c] });

    propose(x);
    const prepares = network.takeAll(Prepare);
    expect(prepares.map(({ destination }) => destination)).toStrictEqual([a, b, c]);
    const ballot = { round: 1, rank: 0, boot: prepares[0]?.ballot.boot ?? 0 };
    for (const source of [c, a]) promise(source, ballot);

    expect(network.take()).toStrictEqual(
      [a, b, c].map((acceptor) => new Accept(acceptor, { instance: 1, ballot, value: x })),
    );
    for (const source of [b, a]) accept(source, ballot);
    expect(consensus.take()).toStrictEqual([new Decide(1, x)]);
    expect(network.take()).toStrictEqual(
      [b, c].map((acceptor) => new Decided(acceptor, { instance: 1, value: x })),
    );
  });

  test.each([
    { acceptors: [a], majority: 1 },
    { acceptors: [a, b], majority: 2 },
    { acceptors: [a, b, c, d], majority: 3 },
    { acceptors: five, majority: 3 },
  ])('takes $majority for a majority of $acceptors.length', ({ acceptors, majority }) => {
    const { consensus, network, propose, ballot, promise, accept } = new Setting({ acceptors });
    propose(x);
    const own = ballot();

    for (const source of acceptors.slice(1, majority)) promise(source, own);
    expect(network.takeAll(Accept)).toStrictEqual([]);
    promise(a, own);
    expect(network.takeAll(Accept)).toHaveLength(acceptors.length);

    for (const source of acceptors.slice(1, majority)) accept(source, own);
    expect(consensus.take()).toStrictEqual([]);
    accept(a, own);
    expect(consensus.takeAll(Decide)).toHaveLength(1);
  });

  test('takes the value of the highest vote, in whatever order it hears of votes', () => {
    const votes = [
      { ballot: ballotOf(2, 4), value: x },
      { ballot: ballotOf(3, 1), value: y },
      { ballot: ballotOf(3, 2), value: z },
    ];
    for (const order of [votes, votes.toReversed()]) {
      const { propose, ballot, refuse, promise, asked } = new Setting();
      propose(bytesOf('own'));
      const own = refuse(ballot(), 3);

      order.forEach((vote, index) => {
        promise([c, d, e][index] ?? e, own, vote);
      });

      expect(asked()).toStrictEqual(['z a', 'z b', 'z c', 'z d', 'z e']);
    }
  });

  test('takes the vote of one acceptor, where others never voted', () => {
    const { propose, ballot, refuse, promise, asked } = new Setting();
    propose(x);
    const own = refuse(ballot(), 1);

    promise(b, own, { ballot: ballotOf(1, 1), value: y });
    promise(c, own);
    promise(d, own);

    expect(asked()[0]).toBe('y a');
  });

  test('takes what is proposed when a majority has promised, not before, and keeps to it', () => {
    const { harness, propose, ballot, promise, asked } = new Setting();
    propose(x);
    const own = ballot();
    promise(b, own);
    promise(c, own);
    expect(asked()).toStrictEqual([]);

    propose(y);
    promise(d, own);
    expect(asked()).toStrictEqual(['y a', 'y b', 'y c', 'y d', 'y e']);

    propose(z);
    promise(e, own, { ballot: ballotOf(1, 0, 0), value: z });
    harness.advance(500);
    expect(asked()).toStrictEqual(['y a', 'y b', 'y c', 'y d', 'y e']);
  });

  test('counts acceptors alone, and each once', () => {
    const { consensus, propose, ballot, promise, accept, asked } = new Setting();
    propose(x);
    const own = ballot();

    for (const source of [b, b, outsider, b, c]) promise(source, own);
    expect(asked()).toStrictEqual([]);
    promise(d, own);
    expect(asked()).toHaveLength(5);

    for (const source of [b, b, outsider, b, c]) accept(source, own);
    expect(consensus.take()).toStrictEqual([]);
    accept(d, own);
    expect(consensus.take()).toHaveLength(1);
  });

  test('counts answers to its present ballot alone', () => {
    const { consensus, network, propose, ballot, refuse, promise, accept, asked } = new Setting();
    propose(x);
    const former = ballot();
    const own = refuse(former, 1);

    for (const source of [b, c, d]) promise(source, former, { ballot: ballotOf(1, 0), value: y });
    for (const source of [b, c, d]) accept(source, former);
    network.trigger(new Promised(a, { instance: 2, ballot: own }, { source: e }));
    for (const source of [b, c]) promise(source, own);
    expect(asked()).toStrictEqual([]);
    expect(consensus.take()).toStrictEqual([]);

    promise(d, own);
    network.trigger(new Refused(a, { instance: 1, ballot: former, round: 9 }, { source: b }));
    for (const source of [b, c, d]) accept(source, own);
    expect(consensus.take()).toStrictEqual([new Decide(1, x)]);
  });

  test('repeats a phase to those who have not answered it, until it is over', () => {
    const { harness, network, propose, ballot, promise, accept, asked } = new Setting();
    propose(x);
    const own = ballot();
    promise(b, own);
    promise(c, own);

    harness.advance(500);
    const destinations = network.takeAll(Prepare).map(({ destination }) => destination);
    expect(destinations).toStrictEqual([a, d, e]);
    promise(a, own);
    network.take();
    accept(e, own);
    harness.advance(500);
    expect(asked()).toStrictEqual(['x a', 'x b', 'x c', 'x d']);
    for (const source of [b, d]) accept(source, own);
    network.take();

    harness.advance(60_000);
    expect(network.take()).toStrictEqual([]);
  });

  test('repeats by its own timeout, not by that of another', () => {
    const { harness, network, propose, another } = new Setting();
    another().trigger(new Propose(1, y));
    harness.advance(100);
    propose(x);
    network.take();

    harness.advance(400);
    expect(network.take()).toStrictEqual([]);
    harness.advance(100);
    expect(network.take()).toHaveLength(5);
  });

  test('who is refused waits by chance, longer each time, and comes again in a higher round', () => {
    const { harness, network, propose, ballot } = new Setting();
    const waitsMs: number[] = [];
    propose(x);
    let own = ballot();

    for (let time = 1; time <= 40; time += 1) {
      const refusal = { instance: 1, ballot: own, round: 10 * time };
      network.trigger(new Refused(a, refusal, { source: b }));
      const sinceMs = harness.host.now();
      let begun = network.takeAll(Prepare);
      while (begun.length === 0 && harness.host.now() - sinceMs < 6_000) {
        harness.advance(1);
        begun = network.takeAll(Prepare);
      }
      own = begun[0]?.ballot ?? own;
      expect(own.round).toBe(10 * time + 1);
      waitsMs.push(harness.host.now() - sinceMs);
    }

    expect(Math.max(...waitsMs.slice(0, 2))).toBeLessThanOrEqual(200);
    expect(Math.max(...waitsMs)).toBeGreaterThan(4_000);
    expect(Math.max(...waitsMs)).toBeLessThanOrEqual(5_000);
    expect(new Set(waitsMs).size).toBeGreaterThan(30);
  });

  test('begins above the rounds that it has voted in', () => {
    const { network, propose, ballot } = new Setting();
    network.trigger(new Prepare(a, { instance: 1, ballot: ballotOf(4, 1) }, { source: b }));
    network.take();

    propose(x);

    expect(ballot().round).toBe(5);
  });

  test('who withdraws sends no more and decides nothing by itself; it may come again', () => {
    const { harness, consensus, network, propose, ballot, promise, asked } = new Setting();
    propose(x);
    const former = ballot();

    consensus.trigger(new Withdraw(2));
    harness.advance(500);
    expect(network.takeAll(Prepare)).toHaveLength(5);
    promise(b, former);
    consensus.trigger(new Withdraw(1));
    for (const source of [c, d]) promise(source, former);
    harness.advance(60_000);
    expect(network.take()).toStrictEqual([]);

    propose(y);
    const own = ballot();
    expect(own.round).toBe(2);
    for (const source of [b, c, d]) promise(source, own);
    expect(asked()[0]).toBe('y a');
  });

  test('goes on after a rest of the component', () => {
    const { harness, network, propose } = new Setting();
    propose(x);
    harness.stop();
    network.take();

    harness.start();

    expect(network.takeAll(Prepare)).toHaveLength(5);
  });

  test('no ballot is used again by a process that comes back and has forgotten it', () => {
    const participants = new VirtualParticipants({ count: 5, seed: 'ballots' });
    const { processes, wire } = participants;
    const [first, second] = processes;
    if (!first || !second) return;
    for (const process of processes) participants.ask(process, new Serve(1, processes));
    wire.rule(({ message, destination }, otherwise) =>
      message instanceof Accept && destination !== second ? 'hold' : otherwise,
    );
    participants.ask(first, new Propose(1, x));
    participants.advance(100);

    // The first vote for x is cast, the others are on their way.
    participants.begin(first);
    wire.rule(() => 1);
    participants.ask(first, new Serve(1, processes));
    participants.ask(first, new Propose(1, y));
    participants.advance(20_000);
    wire.deliverAll();
    participants.advance(20_000);

    const decided = processes.flatMap((process) => participants.indicationsAt(process));
    expect(decided).toHaveLength(5);
    expect(new Set(decided.map((decide) => JSON.stringify(decide))).size).toBe(1);
  });
});

describe('SingleDecreePaxos, the acceptor', () => {
  test('promises, votes, and tells its last vote in the next promise', () => {
    const { ask } = new Setting();
    const [low, high] = [ballotOf(1, 1), ballotOf(2, 2)];

    expect(ask(new Prepare(a, { instance: 1, ballot: low }, { source: b }))).toStrictEqual([
      new Promised(b, { instance: 1, ballot: low, vote: undefined }),
    ]);
    expect(ask(new Accept(a, { instance: 1, ballot: low, value: x }, { source: b }))).toStrictEqual(
      [new Accepted(b, { instance: 1, ballot: low })],
    );
    const vote = { ballot: low, value: x };
    for (let time = 0; time < 2; time += 1) {
      expect(ask(new Prepare(a, { instance: 1, ballot: high }, { source: c }))).toStrictEqual([
        new Promised(c, { instance: 1, ballot: high, vote }),
      ]);
    }
  });

  test.each([
    ['round', ballotOf(2, 1), ballotOf(1, 2)],
    ['rank', ballotOf(2, 2), ballotOf(2, 1)],
    ['boot', ballotOf(2, 1, 8), ballotOf(2, 1, 7)],
  ])('refuses a ballot that is lower by its %s than one it promised', (_what, high, low) => {
    const { ask } = new Setting();
    const [promisee, source] = [five[high.rank] ?? a, five[low.rank] ?? a];
    ask(new Prepare(a, { instance: 1, ballot: high }, { source: promisee }));

    const refusal = [new Refused(source, { instance: 1, ballot: low, round: high.round })];
    expect(ask(new Prepare(a, { instance: 1, ballot: low }, { source }))).toStrictEqual(refusal);
    expect(ask(new Accept(a, { instance: 1, ballot: low, value: x }, { source }))).toStrictEqual(
      refusal,
    );
  });

  test('a vote is a promise: it votes in nothing lower after it', () => {
    const { ask } = new Setting();
    ask(new Accept(a, { instance: 1, ballot: ballotOf(2, 2), value: x }, { source: c }));

    expect(
      ask(new Prepare(a, { instance: 1, ballot: ballotOf(1, 1) }, { source: b })),
    ).toStrictEqual([new Refused(b, { instance: 1, ballot: ballotOf(1, 1), round: 2 })]);
  });

  test('does not vote in a ballot of another than who asks, nor where it is no acceptor', () => {
    const asked = new Prepare(a, { instance: 1, ballot: ballotOf(1, 2) }, { source: b });
    expect(new Setting().ask(asked)).toStrictEqual([]);

    const other = new Prepare(a, { instance: 1, ballot: ballotOf(1, 0) }, { source: b });
    expect(new Setting({ acceptors: [b, c, d] }).ask(other)).toStrictEqual([]);
  });

  test('that a ballot has two values is a mistake of the program', () => {
    const { network, ask } = new Setting();
    const ballot = ballotOf(1, 1);
    const accept = (value: Uint8Array): Accept =>
      new Accept(a, { instance: 1, ballot, value }, { source: b });
    ask(accept(x));
    expect(ask(accept(x))).toStrictEqual([new Accepted(b, { instance: 1, ballot })]);

    expect(() => {
      network.trigger(accept(y));
    }).toThrow('a ballot has one value');
  });

  test('keeps no part of the frame in which a value came', () => {
    const { ask } = new Setting();
    const frame = new Uint8Array(1_000);
    const value = frame.subarray(10, 12);
    ask(new Accept(a, { instance: 1, ballot: ballotOf(1, 1), value }, { source: b }));

    const answer = ask(new Prepare(a, { instance: 1, ballot: ballotOf(2, 1) }, { source: b }));

    expect(answer).toMatchObject([
      { vote: { value: { byteLength: 2, buffer: { byteLength: 2 } } } },
    ]);
  });
});

describe('SingleDecreePaxos, decisions and instances', () => {
  test('UC3: decides once, and answers every question from then on by the decision', () => {
    const { consensus, network, ask } = new Setting();
    for (const source of [b, c]) {
      network.trigger(new Decided(a, { instance: 1, value: x }, { source }));
    }
    expect(consensus.take()).toStrictEqual([new Decide(1, x)]);

    const decided = [new Decided(d, { instance: 1, value: x })];
    const ballot = ballotOf(1, 3);
    expect(ask(new Prepare(a, { instance: 1, ballot }, { source: d }))).toStrictEqual(decided);
    expect(ask(new Accept(a, { instance: 1, ballot, value: y }, { source: d }))).toStrictEqual(
      decided,
    );
  });

  test('UC4: that an instance has two decisions is a mistake of the program', () => {
    const { network } = new Setting();
    network.trigger(new Decided(a, { instance: 1, value: x }, { source: b }));

    expect(() => {
      network.trigger(new Decided(a, { instance: 1, value: y }, { source: c }));
    }).toThrow('an instance has one decision');
  });

  test('who hears of a decision proposes no longer', () => {
    const { harness, consensus, network, propose } = new Setting();
    propose(x);
    network.trigger(new Decided(a, { instance: 1, value: y }, { source: b }));
    network.take();

    propose(z);
    harness.advance(60_000);

    expect(network.take()).toStrictEqual([]);
    expect(consensus.take()).toHaveLength(1);
  });

  test('forgets an instance when it serves the next', () => {
    const { harness, consensus, network, propose, ask } = new Setting();
    ask(new Accept(a, { instance: 1, ballot: ballotOf(5, 1), value: x }, { source: b }));
    propose(y);
    network.take();

    consensus.trigger(new Serve(2, [a, b, c]));
    harness.advance(60_000);
    expect(network.take()).toStrictEqual([]);

    const ballot = ballotOf(1, 1);
    expect(ask(new Prepare(a, { instance: 2, ballot }, { source: b }))).toStrictEqual([
      new Promised(b, { instance: 2, ballot, vote: undefined }),
    ]);
  });

  test('who asks in a lower instance is behind, in a higher one ahead; neither gets a vote', () => {
    const { consensus, network } = new Setting({ instance: 5 });
    const ballot = ballotOf(1, 1);

    for (const instance of [4, 6]) {
      network.trigger(new Prepare(a, { instance, ballot }, { source: b }));
      network.trigger(new Accept(a, { instance, ballot, value: x }, { source: b }));
      network.trigger(new Decided(a, { instance, value: x }, { source: c }));
    }

    expect(network.take()).toStrictEqual([]);
    expect(consensus.take()).toStrictEqual([
      new Behind(b, 4),
      new Behind(b, 4),
      new Ahead(b, 6),
      new Ahead(b, 6),
      new Ahead(c, 6),
    ]);
  });

  test('who serves nothing yet is behind everybody', () => {
    const harness = new Harness();
    const paxos = harness.create(SingleDecreePaxos, { self: a });
    const consensus = harness.clientOf(paxos.consensus);
    const network = harness.providerOf(paxos.network);
    harness.create(HostTimer).timer.connect(paxos.timer);
    harness.start();

    network.trigger(new Prepare(a, { instance: 0, ballot: ballotOf(1, 1) }, { source: b }));
    network.trigger(new Decided(a, { instance: 3, value: x }, { source: c }));
    network.trigger(new Accepted(a, { instance: 0, ballot: ballotOf(1, 0) }, { source: c }));

    expect(consensus.take()).toStrictEqual([new Ahead(b, 0), new Ahead(c, 3)]);
  });

  test.each([
    ['serves an instance again', new Serve(1, five), 'a served instance is higher than the last'],
    ['serves no whole number', new Serve(1.5, five), 'instances are whole numbers from 0'],
    ['names an acceptor twice', new Serve(2, [a, a]), 'acceptors are different processes'],
  ])('who %s makes a mistake', (_what, request, text) => {
    const { consensus } = new Setting();

    expect(() => {
      consensus.trigger(request);
    }).toThrow(text);
  });

  test('who proposes before the instance is served has the newest value proposed when it is', () => {
    const { consensus, propose, network } = new Setting();

    propose(x, 2);
    propose(y, 3);
    expect(network.takeAll(Prepare)).toStrictEqual([]);
    consensus.trigger(new Serve(2, five));
    expect(network.takeAll(Prepare)).toStrictEqual([]);
    consensus.trigger(new Serve(3, five));
    expect(network.takeAll(Prepare)).not.toHaveLength(0);
  });

  test('who withdraws before the instance is served has nothing proposed', () => {
    const { consensus, propose, network } = new Setting();

    propose(x, 2);
    consensus.trigger(new Withdraw(2));
    consensus.trigger(new Serve(2, five));

    expect(network.takeAll(Prepare)).toStrictEqual([]);
  });

  test('a proposal for an instance that is served no longer is in vain', () => {
    const { propose, network } = new Setting({ instance: 2 });

    propose(x, 1);

    expect(network.takeAll(Prepare)).toStrictEqual([]);
  });

  test('who proposes and is no acceptor makes a mistake', () => {
    const { propose } = new Setting({ acceptors: [b, c, d] });

    expect(() => {
      propose(x);
    }).toThrow('who proposes is one of the acceptors');
  });

  test('does not start with a port which the assembly forgot', () => {
    const harness = new Harness();
    harness.create(SingleDecreePaxos, { self: a });

    expect(() => harness.system.start()).toThrow(UnconnectedPortError);
  });
});
