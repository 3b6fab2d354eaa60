import { UnconnectedPortError } from '@jbstore/core';
import { MonarchicalLeaderDetection } from '@jbstore/eld';
import { SetCandidates, Trust } from '@jbstore/eld/port';
import { Follow, Restore, Suspect, Tell, Told } from '@jbstore/epfd/port';
import { Address } from '@jbstore/network/port';
import { Harness } from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';

import { VirtualElectors } from './electors';

const a = Address.parse('a@a:7000');
const b = Address.parse('b@b:7000');
const c = Address.parse('c@c:7000');
const d = Address.parse('d@d:7000');
const e = Address.parse('e@e:7000');
const no = Uint8Array.of(0);
const yes = Uint8Array.of(1);

/** An elector at `self`, with probes above and below it. */
class Setting {
  readonly harness = new Harness();
  readonly #timer = this.harness.create(HostTimer);
  readonly #elector: MonarchicalLeaderDetection;
  readonly eld;
  readonly epfd;

  constructor(self: Address, candidates?: readonly Address[]) {
    this.#elector = this.harness.create(MonarchicalLeaderDetection, { self });
    this.#timer.timer.connect(this.#elector.timer);
    this.eld = this.harness.clientOf(this.#elector.eld);
    this.epfd = this.harness.providerOf(this.#elector.epfd);
    this.harness.start();
    if (!candidates) return;
    this.eld.trigger(new SetCandidates(candidates));
    this.epfd.take();
  }

  /** The failure detector of another elector, which has the same timer. */
  readonly another = () => {
    const elector = this.harness.create(MonarchicalLeaderDetection, { self: d });
    this.#timer.timer.connect(elector.timer);
    this.harness.clientOf(elector.eld);
    return this.harness.providerOf(elector.epfd);
  };

  /** Whom the elector trusted since the last call, one after the other. */
  readonly trusted = (): readonly (Address | undefined)[] =>
    this.eld.takeAll(Trust).map(({ leader }) => leader);
}

describe('MonarchicalLeaderDetection, Algorithm 2.8', () => {
  test('trusts the highest rank, follows the candidates but itself, and says each thing once', () => {
    const { eld, epfd, trusted } = new Setting(b);
    expect(trusted()).toStrictEqual([]);

    eld.trigger(new SetCandidates([a, b, c]));
    eld.trigger(new SetCandidates([a, c, b]));

    expect(trusted()).toStrictEqual([a]);
    expect(epfd.take()).toStrictEqual([a, c, a, c].map((process) => new Follow(process)));
  });

  test('ELD1: who is suspected is not trusted; the next in rank is', () => {
    const { epfd, trusted } = new Setting(e, [a, b, c]);

    epfd.trigger(new Suspect(b));
    epfd.trigger(new Suspect(a));

    expect(trusted()).toStrictEqual([a, c]);
  });

  test('what was suspected, or unconnected, before it became a candidate counts', () => {
    const { eld, epfd, trusted } = new Setting(e);
    epfd.trigger(new Suspect(a));
    epfd.trigger(new Told(b, 'eld', no));
    expect(epfd.take()).toStrictEqual([]);

    eld.trigger(new SetCandidates([a, b, c, d, e]));

    expect(trusted()).toStrictEqual([c]);
  });

  test('a leader that is no candidate any more is trusted no more', () => {
    const { eld, trusted } = new Setting(e, [a, b, c]);

    eld.trigger(new SetCandidates([c, b]));

    expect(trusted()).toStrictEqual([a, c]);
  });

  test('the same candidate twice is a mistake of the program', () => {
    const { eld } = new Setting(e);

    expect(() => {
      eld.trigger(new SetCandidates([a, a]));
    }).toThrow('candidates are different ones');
  });

  test('does not start with a port which the assembly forgot', () => {
    const harness = new Harness();
    harness.create(MonarchicalLeaderDetection, { self: a });

    expect(() => harness.system.start()).toThrow(UnconnectedPortError);
  });
});

describe('MonarchicalLeaderDetection, only who hears a majority leads', () => {
  /** Only a and b hear one another, and all but a do. */
  const severed = (from: Address, to: Address): boolean =>
    (from === a && to !== b) || (to === a && from !== b);

  test('where a and the rest are cut off, b leads; the book lets a lead a and b, for ever', () => {
    const electors = new VirtualElectors({ count: 5, seed: 'partial' });
    const { processes } = electors;
    for (const process of processes) electors.setCandidates(process, processes);

    electors.rule((from, to) => (severed(from, to) ? Infinity : 1));
    electors.advance(60_000);

    const trusted = processes.map((process) => electors.indicationsAt(process).at(-1)?.leader);
    expect(trusted).toStrictEqual([b, b, b, b, b]);
    const byTheBook = processes.map((process) =>
      processes.find((candidate) => !electors.suspectedBy(process).has(candidate)),
    );
    expect(byTheBook).toStrictEqual([a, a, b, b, b]);
  });

  test('a process tells when it begins and ceases to hear a majority, itself included', () => {
    const { epfd } = new Setting(b, [a, b, c, d]);

    for (const process of [a, c, d]) epfd.trigger(new Suspect(process));
    for (const process of [d, a]) epfd.trigger(new Restore(process));

    expect(epfd.take()).toStrictEqual([new Tell('eld', no), new Tell('eld', yes)]);
  });

  test('who hears no majority leads nobody, not even itself', () => {
    const { epfd, trusted } = new Setting(a, [a, b, c]);

    for (const process of [b, c]) epfd.trigger(new Suspect(process));

    expect(trusted()).toStrictEqual([a, undefined]);
  });

  test('who tells that it hears no majority is not trusted, until it tells otherwise', () => {
    const { harness, epfd, trusted } = new Setting(e, [a, b, c]);

    epfd.trigger(new Told(a, 'eld', no));
    epfd.trigger(new Told(b, 'gms', no));
    expect(trusted()).toStrictEqual([a, b]);

    epfd.trigger(new Told(a, 'eld', yes));
    harness.advance(60_000);
    expect(trusted()).toStrictEqual([a]);
  });

  test('of other candidates another number is a majority', () => {
    const { harness, eld, epfd, trusted } = new Setting(a, [a, b, c]);
    epfd.trigger(new Suspect(b));
    expect(trusted()).toStrictEqual([a]);

    eld.trigger(new SetCandidates([a, b, c, d]));
    expect(trusted()).toStrictEqual([]);
    epfd.trigger(new Suspect(c));
    expect(trusted()).toStrictEqual([d]);
    eld.trigger(new SetCandidates([a, b, d]));
    harness.advance(60_000);

    expect(trusted()).toStrictEqual([a]);
  });
});

describe('MonarchicalLeaderDetection, who comes back is on probation', () => {
  test('a link that comes and goes changes the leader once, not each time as in the book', () => {
    const { harness, epfd, trusted } = new Setting(e, [a, b, c]);
    for (let time = 0; time < 20; time += 1) {
      epfd.trigger(new Suspect(a));
      harness.advance(1_000);
      epfd.trigger(new Restore(a));
      harness.advance(4_000);
    }
    expect(trusted()).toStrictEqual([a, b]);

    harness.advance(1_000);
    expect(trusted()).toStrictEqual([a]);
  });

  test('a process that hears a majority now and then changes the leader once', () => {
    const { harness, epfd, trusted } = new Setting(e, [a, b, c]);
    for (let time = 0; time < 20; time += 1) {
      epfd.trigger(new Told(a, 'eld', no));
      epfd.trigger(new Told(a, 'eld', yes));
      harness.advance(4_000);
    }
    expect(trusted()).toStrictEqual([a, b]);

    harness.advance(1_000);
    expect(trusted()).toStrictEqual([a]);
  });

  test('is trusted at once if there is no leader in whose place it would come', () => {
    const { eld, epfd, trusted } = new Setting(e, [a, b]);
    for (const process of [a, b]) epfd.trigger(new Suspect(process));

    epfd.trigger(new Restore(b));
    epfd.trigger(new Restore(a));
    expect(trusted()).toStrictEqual([a, b, undefined, b]);

    epfd.trigger(new Suspect(b));
    epfd.trigger(new Restore(b));
    eld.trigger(new SetCandidates([b]));
    expect(trusted()).toStrictEqual([a, b]);
  });

  test('this process knows no better of itself than the others do', () => {
    const { harness, epfd, trusted } = new Setting(a, [a, b, c]);
    for (const process of [b, c]) epfd.trigger(new Suspect(process));

    epfd.trigger(new Restore(b));
    expect(trusted()).toStrictEqual([a, undefined, a]);

    epfd.trigger(new Suspect(b));
    harness.advance(60_000);
    epfd.trigger(new Restore(c));
    harness.advance(60_000);
    expect(trusted()).toStrictEqual([undefined, a]);
  });

  test('a probation ends by its own timeout, not by that of another elector', () => {
    const { harness, another, epfd, trusted } = new Setting(e, [a, b, c]);
    for (const detector of [another(), epfd]) {
      detector.trigger(new Suspect(a));
      detector.trigger(new Restore(a));
      harness.advance(3_000);
    }

    harness.advance(1_999);
    expect(trusted()).toStrictEqual([a, b]);
    harness.advance(1);
    expect(trusted()).toStrictEqual([a]);
  });

  test('a probation goes on after a rest of the component', () => {
    const { harness, epfd, trusted } = new Setting(e, [a, b, c]);
    epfd.trigger(new Suspect(a));
    epfd.trigger(new Restore(a));
    harness.stop();

    harness.start();
    harness.advance(5_000);

    expect(trusted()).toStrictEqual([a, b, a]);
  });
});
