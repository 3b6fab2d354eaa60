import { System, UnconnectedPortError, VirtualHost, silentLogger } from '@jbstore/core';
import { HeartbeatReply, HeartbeatRequest, IncreasingTimeout } from '@jbstore/epfd';
import { Follow, Restore, Suspect, Tell, Told, Unfollow } from '@jbstore/epfd/port';
import { Address, encode } from '@jbstore/network/port';
import { Harness } from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';
import { CancelTimeout, ScheduleTimeout, Timeout } from '@jbstore/timer/port';

const self = Address.parse('p@127.0.0.1:7100');
const q = Address.parse('q@127.0.0.1:7101');
const r = Address.parse('r@127.0.0.1:7102');
const qAgain = Address.parse('q2@127.0.0.1:7101');

type News = Readonly<Record<string, Uint8Array>>;
const [early, late] = [Buffer.from('early'), Buffer.from('late')];

/** A detector with a probe on each port, which follows `follow`. */
class Setting {
  readonly harness = new Harness();
  readonly #detector = this.harness.create(IncreasingTimeout, {
    initialDelayMs: 100,
    deltaMs: 40,
  });
  readonly epfd = this.harness.clientOf(this.#detector.epfd);
  readonly network = this.harness.providerOf(this.#detector.network);
  readonly timer = this.harness.providerOf(this.#detector.timer);
  readonly #rounds = new Map<Address, ScheduleTimeout>();

  constructor({ follow = [q] }: { readonly follow?: readonly Address[] } = {}) {
    this.harness.start();
    for (const process of follow) this.epfd.trigger(new Follow(process));
  }

  readonly answer = (sequence: number, source = q, news: News = {}): void => {
    this.network.trigger(new HeartbeatReply(self, { sequence, news }, { source }));
  };

  /** Ends the round of `process`; returns the length it had. */
  readonly endRound = (process = q, lateMs = 0): number => {
    for (const scheduled of this.timer.takeAll(ScheduleTimeout)) {
      this.#rounds.set(Address.parse(Reflect.get(scheduled.timeout, 'process')), scheduled);
    }
    const round = this.#rounds.get(process);
    if (!round) throw new Error(`no round of ${process} is on`);
    Timeout.late(round.timeout, lateMs);
    this.timer.trigger(round.timeout);
    return round.delayMs;
  };

  readonly counters = (): object =>
    Object.fromEntries(this.harness.system.counters().map(({ name, value }) => [name, value]));
}

describe('IncreasingTimeout, Algorithm 2.7', () => {
  test('asks each followed process for a heartbeat once a round, in the priority lane', () => {
    const { network, endRound } = new Setting({ follow: [q, r] });

    endRound(q);
    endRound(q);
    endRound(r);

    expect(network.take()).toStrictEqual([
      new HeartbeatRequest(q, { sequence: 1, news: {} }, { lane: 'priority' }),
      new HeartbeatRequest(q, { sequence: 2, news: {} }, { lane: 'priority' }),
      new HeartbeatRequest(r, { sequence: 1, news: {} }, { lane: 'priority' }),
    ]);
  });

  test('answers a request at once, with its number, in the priority lane', () => {
    const { network } = new Setting({ follow: [] });

    network.trigger(new HeartbeatRequest(self, { sequence: 7, news: {} }, { source: r }));

    expect(network.take()).toStrictEqual([
      new HeartbeatReply(r, { sequence: 7, news: {} }, { lane: 'priority' }),
    ]);
  });

  test('EPFD1: suspects a silent process, once, and not before it was asked', () => {
    const { epfd, endRound } = new Setting();

    endRound();
    expect(epfd.take()).toStrictEqual([]);

    for (let round = 0; round < 3; round += 1) endRound();
    expect(epfd.take()).toStrictEqual([new Suspect(q)]);
  });

  test('EPFD2: restores a process which answers, and makes its next round longer by delta', () => {
    const { epfd, answer, endRound } = new Setting();
    endRound();
    endRound();
    expect(epfd.takeOne(Suspect).process).toBe(q);

    answer(2);

    expect(endRound()).toBe(100);
    expect(epfd.take()).toStrictEqual([new Restore(q)]);
    expect(endRound()).toBe(140);
  });

  test('EPFD2: the delay grows without a bound, and only with a suspicion that was wrong', () => {
    const { answer, endRound } = new Setting();
    endRound();

    for (let mistake = 1; mistake <= 500; mistake += 1) {
      endRound(); // Silent: suspected.
      answer(2 * mistake);
      endRound(); // Heard: restored.
    }

    expect(endRound()).toBe(100 + 500 * 40);
    expect(endRound()).toBe(100 + 500 * 40);
  });

  test('an answer to an older request does not count for a process that is not suspected', () => {
    const { epfd, answer, endRound } = new Setting();
    endRound();
    answer(1);
    endRound();

    answer(1);
    endRound();

    expect(epfd.take()).toStrictEqual([new Suspect(q)]);
  });

  test('an answer to an older request restores a suspected process: the round was too short', () => {
    const { epfd, answer, endRound } = new Setting();
    endRound();
    endRound();
    endRound();

    answer(1);
    endRound();

    expect(epfd.take()).toStrictEqual([new Suspect(q), new Restore(q)]);
  });

  test.each([
    { lateMs: 49, accuses: true },
    { lateMs: 50, accuses: false },
  ])('a round of 100 ms that ends $lateMs ms late: accuses is $accuses', ({ lateMs, accuses }) => {
    const { epfd, endRound } = new Setting();
    endRound();

    endRound(q, lateMs);
    expect(epfd.take()).toStrictEqual(accuses ? [new Suspect(q)] : []);

    endRound();
    expect(epfd.take()).toStrictEqual(accuses ? [] : [new Suspect(q)]);
  });

  test('a late round restores all the same', () => {
    const { epfd, answer, endRound } = new Setting();
    endRound();
    endRound();
    answer(2);

    endRound(q, 5_000);

    expect(epfd.take()).toStrictEqual([new Suspect(q), new Restore(q)]);
  });

  test('a slow process does not lengthen the rounds of the others', () => {
    const { answer, endRound } = new Setting({ follow: [q, r] });
    endRound();
    endRound();
    answer(2);
    endRound();

    expect(endRound(q)).toBe(140);
    expect(endRound(r)).toBe(100);
    expect(endRound(r)).toBe(100);
  });

  test('another process at the same host and port does not answer for it', () => {
    const { epfd, answer, endRound } = new Setting();
    endRound();

    answer(1, qAgain);
    endRound();

    expect(epfd.take()).toStrictEqual([new Suspect(q)]);
  });

  test('a process is followed once, however often that is asked', () => {
    const { epfd, timer } = new Setting();

    epfd.trigger(new Follow(q));

    expect(timer.takeAll(ScheduleTimeout)).toHaveLength(1);
  });

  test('a process that is not followed any more is neither asked nor judged', () => {
    const { harness, epfd, timer } = new Setting({ follow: [] });

    harness
      .script()
      .trigger(epfd, new Follow(q))
      .expect(timer, ScheduleTimeout)
      .trigger(epfd, new Unfollow(q))
      .expect(timer, CancelTimeout)
      .do((came) => {
        const { timeout } = came.last(timer, ScheduleTimeout);
        expect(came.last(timer, CancelTimeout).timeout).toBe(timeout);
      })
      .trigger(timer, (came) => came.last(timer, ScheduleTimeout).timeout)
      .run();
  });

  test('who is not followed any more is restored, and anew begins unknown: heard, with the initial delay', () => {
    const { epfd, answer, endRound } = new Setting();
    endRound();
    endRound();
    answer(2);
    endRound();
    endRound();
    epfd.take();

    epfd.trigger(new Unfollow(q));
    expect(epfd.take()).toStrictEqual([new Restore(q)]);
    epfd.trigger(new Follow(q));

    expect(endRound()).toBe(100);
    expect(epfd.take()).toStrictEqual([]);
    endRound();
    expect(epfd.take()).toStrictEqual([new Suspect(q)]);
  });

  test('ignores a timeout which is not of its current round', () => {
    const { network, timer } = new Setting();
    const { timeout } = timer.takeOne(ScheduleTimeout);
    timer.trigger(timeout);
    network.take();

    timer.trigger(timeout);

    expect(network.take()).toStrictEqual([]);
  });

  test('News: the newest of each topic rides on every request and reply', () => {
    const { epfd, network, endRound } = new Setting();

    epfd.trigger(new Tell('view', early));
    epfd.trigger(new Tell('eld', early));
    epfd.trigger(new Tell('view', late));
    endRound();
    network.trigger(new HeartbeatRequest(self, { sequence: 7, news: {} }, { source: r }));

    const news = { view: late, eld: early };
    expect(network.take()).toStrictEqual([
      new HeartbeatRequest(q, { sequence: 1, news }, { lane: 'priority' }),
      new HeartbeatReply(r, { sequence: 7, news }, { lane: 'priority' }),
    ]);
  });

  test('News: who has none pays a byte for it', () => {
    const { network, endRound } = new Setting();

    endRound();

    const [request] = network.takeAll(HeartbeatRequest);
    expect(request && encode(request)).toHaveLength(6); // Its type, its number, and no news.
  });

  test('News: what is told by request or reply is indicated when it differs from the last', () => {
    const { epfd, network, answer } = new Setting();

    answer(0, q, { view: early, eld: early });
    answer(0, q, { view: early, eld: early });
    const request = { sequence: 1, news: { view: late, eld: early } };
    network.trigger(new HeartbeatRequest(self, request, { source: q }));
    answer(0, q, { view: early });

    expect(epfd.take()).toStrictEqual([
      new Told(q, 'view', Uint8Array.from(early)),
      new Told(q, 'eld', Uint8Array.from(early)),
      new Told(q, 'view', Uint8Array.from(late)),
      new Told(q, 'view', Uint8Array.from(early)),
    ]);
  });

  test('News: what is kept is not what was received, which is part of a whole frame', () => {
    const { epfd, answer } = new Setting();
    const frame = new Uint8Array(1_000);

    answer(0, q, { view: frame.subarray(10, 12) });

    expect(epfd.takeOne(Told).news.buffer.byteLength).toBe(2);
  });

  test('News: nothing is told of who is not followed, and all of who is followed anew', () => {
    const { epfd, answer } = new Setting();

    answer(0, r, { view: early });
    expect(epfd.take()).toStrictEqual([]);

    answer(0, q, { view: early });
    epfd.trigger(new Unfollow(q));
    epfd.trigger(new Follow(q));
    answer(0, q, { view: early });

    expect(epfd.takeAll(Told)).toHaveLength(2);
  });

  test('News: what is too long for a heartbeat is a mistake of the program', () => {
    const { epfd } = new Setting();
    epfd.trigger(new Tell('view', new Uint8Array(1_024)));

    expect(() => {
      epfd.trigger(new Tell('view', new Uint8Array(1_025)));
    }).toThrow('what rides on heartbeats is short');
  });

  test('goes on after a rest, which accuses nobody', () => {
    const { harness, epfd, timer, endRound } = new Setting();
    endRound();
    harness.stop();
    timer.take();

    harness.start();

    endRound();
    expect(epfd.take()).toStrictEqual([]);
    endRound();
    expect(epfd.take()).toStrictEqual([new Suspect(q)]);
  });

  test('counts suspicions, restores, and who is suspected now', () => {
    const { epfd, answer, endRound, counters } = new Setting({ follow: [q, r] });
    for (const process of [q, r, q, r]) endRound(process);
    expect(counters()).toMatchObject({ 'epfd.suspicions': 2, 'epfd.suspected': 2 });

    answer(2);
    endRound(q);
    epfd.trigger(new Unfollow(r));

    expect(counters()).toMatchObject({
      'epfd.suspicions': 2,
      'epfd.restores': 1,
      'epfd.suspected': 0,
    });
  });

  test('warns once when a delay exceeds ten seconds', () => {
    const host = new VirtualHost();
    const warn = jest.fn();
    const system = new System('test', { host, logger: () => ({ ...silentLogger, warn }) });
    const detector = system.create(IncreasingTimeout, { initialDelayMs: 8_000, deltaMs: 1_500 });
    system.create(HostTimer).timer.connect(detector.timer);
    const network = system.providerOf(detector.network);
    network.upon(HeartbeatRequest, ({ sequence }) => {
      host.after(30_000, () => {
        network.next(new HeartbeatReply(self, { sequence, news: {} }, { source: q }));
      });
    });
    void system.start();
    system.clientOf(detector.epfd).next(new Follow(q));

    host.advance(600_000);

    expect(warn.mock.calls).toStrictEqual([
      [expect.stringContaining('too slow'), { process: q, delayMs: 11_000 }],
    ]);
  });

  test.each([{ initialDelayMs: 0 }, { deltaMs: -1 }, { deltaMs: 0 }])('refuses %p', (init) => {
    expect(() => new Harness().create(IncreasingTimeout, init)).toThrow('expected number');
  });

  test('does not start with a port which the assembly forgot', () => {
    const harness = new Harness();
    harness.create(IncreasingTimeout);

    expect(() => harness.system.start()).toThrow(UnconnectedPortError);
  });
});
