import { Component, Start, invariant, type Context, type Counter } from '@jbstore/core';
import {
  EventuallyPerfectFailureDetector,
  Follow,
  Restore,
  Suspect,
  Tell,
  Told,
} from '@jbstore/epfd/port';
import { Address } from '@jbstore/network/port';
import { CancelTimeout, ScheduleTimeout, Timeout, Timer } from '@jbstore/timer/port';
import { z } from 'zod';

import { EventualLeaderDetector, SetCandidates, Trust } from './port';

export const MonarchicalLeaderDetectionInit = z.object({
  /** This process, as it stands among the candidates. */
  self: Address,
  /** How long a candidate must have been fit again before it takes the place of a leader that is. */
  stabilityMs: z.number().nonnegative().default(5_000),
});
export type MonarchicalLeaderDetectionInit = z.input<typeof MonarchicalLeaderDetectionInit>;

/** `process` has been fit for long enough, since it was not. */
class Proven extends Timeout {
  constructor(readonly process: Address) {
    super();
  }
}

/** On this topic a process tells whether it hears a majority: one byte, 0 or 1. */
const topic = 'eld';

/**
 * Implements Ω by Monarchical Eventual Leader Detection (Cachin, Guerraoui, Rodrigues 2011, Algorithm 2.8).
 *
 * ```
 * upon Suspect(p):  suspected := suspected ∪ {p}
 * upon Restore(p):  suspected := suspected \ {p}
 * upon leader ≠ maxrank(Π \ suspected):  leader := maxrank(Π \ suspected); trigger Trust(leader)
 * ```
 *
 * Departs from the book:
 * - Π is what the client names as candidates, the highest rank first, and changes.
 * - Only who hears a majority of Π may lead. Each process tells whether it does, and who does not is as
 *   good as suspected. Else, where a and b hear one another, b and the rest too, but a and the rest do not:
 *   a and b trust a, which has no quorum, and the rest trusts b, which does not lead, for ever. (Ng,
 *   Haridi and Carbone, Omni-Paxos, 2023, elect among the quorum-connected for this reason.)
 * - Who was unfit and is fit again, is on probation: it takes the place of no leader that is fit. Else a
 *   link that comes and goes changes the leader each time. Once nothing changes any more all probations
 *   end, and everybody trusts the first that is fit: ELD2 is kept.
 *
 * Candidates are followed, and nobody is unfollowed: who else counts on that is not known here. Whoever
 * sets the candidates unfollows those whom nobody needs.
 *
 * Uses an eventually perfect failure detector and a timer. Sends nothing: the news rides on heartbeats.
 * Keeps a constant amount of state for each process that the detector speaks of.
 */
export class MonarchicalLeaderDetection extends Component {
  readonly eld = this.provides(EventualLeaderDetector);
  readonly epfd = this.requires(EventuallyPerfectFailureDetector);
  readonly timer = this.requires(Timer);

  readonly #self: Address;
  readonly #stabilityMs: number;
  readonly #changes: Counter;
  /** Π, in order of rank. */
  #candidates: readonly Address[] = [];
  readonly #suspected = new Set<Address>();
  /** Those who do not hear a majority, as they told; others are thought to. */
  readonly #unconnected = new Set<Address>();
  readonly #onProbation = new Map<Address, Proven>();
  #leader: Address | undefined;

  /** @throws {@link z.ZodError} if `init` is not what its schema says. */
  constructor(context: Context, init: MonarchicalLeaderDetectionInit) {
    super(context);
    const { self, stabilityMs } = MonarchicalLeaderDetectionInit.parse(init);
    this.#self = self;
    this.#stabilityMs = stabilityMs;
    this.#changes = context.counter('eld.changes');

    this.control.upon(Start, () => {
      // After a rest: the timer has forgotten every probation.
      for (const process of this.#onProbation.keys()) this.#beginProbation(process);
    });

    this.eld.upon(SetCandidates, ({ candidates }) => {
      invariant(new Set(candidates).size === candidates.length, 'candidates are different ones');
      this.#candidates = candidates;
      for (const candidate of candidates) {
        if (candidate !== self) this.epfd.next(new Follow(candidate));
      }
      this.#judgeSelf();
      this.#elect();
    });

    this.epfd.upon(Suspect, ({ process }) => {
      this.#suspected.add(process);
      this.#judgeSelf();
      this.#elect();
    });

    this.epfd.upon(Restore, ({ process }) => {
      this.#suspected.delete(process);
      this.#beginProbation(process);
      this.#judgeSelf();
      this.#elect();
    });

    this.epfd.upon(Told, ({ process, topic: about, news }) => {
      if (about !== topic) return;
      this.#judge(process, news[0] === 1);
      this.#elect();
    });

    this.timer.upon(Proven, (proven) => {
      const { process } = proven;
      if (this.#onProbation.get(process) !== proven) return; // Over, or someone else's.
      this.#onProbation.delete(process);
      this.#elect();
    });
  }

  /** Who was fit all the time needs no probation, so it is begun by what makes fit again. */
  #beginProbation(process: Address): void {
    const former = this.#onProbation.get(process);
    if (former) this.timer.next(new CancelTimeout(former));
    const proven = new Proven(process);
    this.#onProbation.set(process, proven);
    this.timer.next(new ScheduleTimeout(this.#stabilityMs, proven));
  }

  /** Tells the others when this process begins or ceases to hear a majority of the candidates. */
  #judgeSelf(): void {
    if (this.#candidates.length === 0) return;
    const connected = this.#hearsMajority();
    if (this.#judge(this.#self, connected)) {
      this.epfd.next(new Tell(topic, Uint8Array.of(connected ? 1 : 0)));
    }
  }

  /** Says whether that is new. */
  #judge(process: Address, connected: boolean): boolean {
    if (connected === !this.#unconnected.has(process)) return false;
    if (connected) {
      this.#unconnected.delete(process);
      this.#beginProbation(process);
    } else {
      this.#unconnected.add(process);
    }
    return true;
  }

  #elect(): void {
    const former = this.#leader;
    const held = former !== undefined && this.#candidates.includes(former) && this.#isFit(former);
    const leader = this.#candidates.find((candidate) => {
      const waits = held && candidate !== former && this.#onProbation.has(candidate);
      return this.#isFit(candidate) && !waits;
    });
    if (leader === former) return;
    invariant(leader !== this.#self || this.#hearsMajority(), 'who leads hears a majority');
    this.#leader = leader;
    this.#changes.add();
    this.eld.next(new Trust(leader));
  }

  #isFit(candidate: Address): boolean {
    return !this.#suspected.has(candidate) && !this.#unconnected.has(candidate);
  }

  #hearsMajority(): boolean {
    const heard = this.#candidates.filter((candidate) => !this.#suspected.has(candidate));
    return heard.length > this.#candidates.length / 2;
  }
}
