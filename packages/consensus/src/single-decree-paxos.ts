import {
  Component,
  Start,
  invariant,
  type Context,
  type Counter,
  type Random,
} from '@jbstore/core';
import { Address, Network } from '@jbstore/network/port';
import { CancelTimeout, ScheduleTimeout, Timeout, Timer } from '@jbstore/timer/port';
import { z } from 'zod';

import type { Attempt } from './attempt';
import { compareBallots, type Ballot } from './ballot';
import { Instance } from './instance';
import { Accept, Accepted, Decided, Prepare, Promised, Refused } from './messages';
import { Ahead, Behind, Consensus, Decide, Propose, Serve, Withdraw } from './port';

export const SingleDecreePaxosInit = z.object({
  /** This process, as it stands among the acceptors. */
  self: Address,
  /** A phase is repeated to those who have not answered it, each time after so long. */
  retransmitMs: z.number().positive().default(500),
  /** Who was refused waits for up to so long, by chance, before the next ballot; then for up to twice that. */
  backoffMs: z.number().positive().default(100),
  /** The wait doubles up to so much. */
  longestBackoffMs: z.number().positive().default(5_000),
});
export type SingleDecreePaxosInit = z.input<typeof SingleDecreePaxosInit>;

/** Repeat the phase, or begin the next ballot. */
class Due extends Timeout {}

/**
 * Implements uniform consensus by single-decree Paxos, an instance at a time (Lamport, Paxos Made Simple,
 * 2001; in the book of Cachin, Guerraoui and Rodrigues it is Leader-Driven Consensus, section 5.3). An
 * {@link Acceptor} votes, an {@link Attempt} is a ballot of this process; here stands when they do.
 *
 * Whoever is asked to propose is the leader, as far as this component knows: it begins a ballot at once.
 * There may be several, and they may refuse one another's ballots for a while, but not for ever: who was
 * refused waits, by chance and longer each time.
 *
 * Departs from Lamport:
 * - The value of a ballot is what is proposed when its first phase ends, so a leader decides by what it
 *   knows then.
 * - A ballot names its proposer and the life of that, so that it is used once even by one that forgot it.
 * - Acceptors keep a decision and answer everything about the instance with it. The proposer tells them once.
 * - An acceptor of a lower instance does not vote in a higher one, and the other way round: it cannot know
 *   who the acceptors are, or has forgotten.
 *
 * Uses links that may lose, repeat and reorder, and a timer. Decides by 5 messages to or from each acceptor
 * where nothing is lost and nobody else proposes; keeps the last vote and the decision of one instance.
 */
export class SingleDecreePaxos extends Component {
  readonly consensus = this.provides(Consensus);
  readonly network = this.requires(Network);
  readonly timer = this.requires(Timer);

  readonly #init: z.output<typeof SingleDecreePaxosInit>;
  readonly #boot: number;
  readonly #chance: Random;
  readonly #ballots: Counter;
  readonly #refusals: Counter;
  #served: Instance | undefined;
  /** What is to be proposed in the next instance, that is not served yet. */
  #early: Propose | undefined;
  #due = new Due();

  /** @throws {@link z.ZodError} if `init` is not what its schema says. */
  constructor(context: Context, init: SingleDecreePaxosInit) {
    super(context);
    this.#init = SingleDecreePaxosInit.parse(init);
    this.#boot = context.random('boot').int(2 ** 32);
    this.#chance = context.random('backoff');
    this.#ballots = context.counter('consensus.ballots');
    this.#refusals = context.counter('consensus.refusals');

    this.#handleRequests();
    this.#handleProposers();
    this.#handleAcceptors();
    this.#handleDecisions();
    this.#handleTime();
  }

  #handleRequests(): void {
    this.consensus.upon(Serve, ({ instance, acceptors }) => {
      const former = this.#served;
      invariant(!former || instance > former.number, 'a served instance is higher than the last');
      this.#served = new Instance(instance, acceptors);
      const early = this.#early;
      if (!early || early.instance > instance) return;
      this.#early = undefined;
      if (early.instance === instance) this.#propose(this.#served, early.value);
    });

    // Who serves and who proposes may be two: one of them is told first of what is decided.
    this.consensus.upon(Propose, (propose) => {
      const served = this.#served;
      if (served?.number === propose.instance) this.#propose(served, propose.value);
      else if (!served || propose.instance > served.number) this.#early = propose;
    });

    this.consensus.upon(Withdraw, ({ instance }) => {
      const served = this.#served;
      if (this.#early?.instance === instance) this.#early = undefined;
      if (served?.number !== instance) return;
      served.proposal = undefined;
      served.attempt = undefined;
    });
  }

  #propose(served: Instance, value: Uint8Array): void {
    if (served.decision) return; // It was indicated, and was on its way up when this was said.
    const isNew = served.proposal === undefined;
    served.proposal = value;
    if (isNew) this.#beginBallot(served);
  }

  /** The part of the acceptor: what proposers ask for. */
  #handleProposers(): void {
    this.network.upon(Prepare, ({ source, instance, ballot }) => {
      const served = this.#askedBy(source, instance, ballot);
      if (!served) return;
      const { acceptor } = served;
      if (acceptor.prepare(ballot)) {
        const { vote } = acceptor;
        this.network.next(new Promised(source, { instance, ballot, vote }));
      } else {
        this.#refuse(served, source, ballot);
      }
    });

    this.network.upon(Accept, ({ source, instance, ballot, value }) => {
      const served = this.#askedBy(source, instance, ballot);
      if (!served) return;
      if (served.acceptor.accept(ballot, value)) {
        this.network.next(new Accepted(source, { instance, ballot }));
      } else {
        this.#refuse(served, source, ballot);
      }
    });
  }

  /** The part of the proposer: what acceptors answer. */
  #handleAcceptors(): void {
    this.network.upon(Promised, ({ source, instance, ballot, vote }) => {
      const served = this.#answered(instance, ballot);
      if (!served?.attempt?.promise(source, vote)) return;
      invariant(served.proposal !== undefined, 'who attempts something proposes something');
      served.attempt.fix(served.proposal);
      this.#send(served, served.attempt);
    });

    this.network.upon(Accepted, ({ source, instance, ballot }) => {
      const served = this.#answered(instance, ballot);
      if (!served?.attempt?.accept(source)) return;
      const { value } = served.attempt;
      invariant(value !== undefined, 'what is accepted was proposed');
      this.#decide(served, value);
      for (const acceptor of served.acceptors) {
        if (acceptor !== this.#init.self) {
          this.network.next(new Decided(acceptor, { instance, value }));
        }
      }
    });

    this.network.upon(Refused, ({ instance, ballot, round }) => {
      const served = this.#answered(instance, ballot);
      if (!served) return;
      served.notice(round);
      served.attempt = undefined;
      this.#refusals.add();
      this.#backOff(served);
    });
  }

  #handleDecisions(): void {
    this.network.upon(Decided, ({ source, instance, value }) => {
      const served = this.#served;
      if (served?.number === instance) {
        this.#decide(served, value);
      } else if (!served || instance > served.number) {
        this.consensus.next(new Ahead(source, instance));
      }
    });
  }

  #handleTime(): void {
    this.timer.upon(Due, (due) => {
      if (due !== this.#due) return; // A shared timer: it is someone else's.
      this.#goOn();
    });

    this.control.upon(Start, () => {
      this.#goOn(); // After a rest: the timer has forgotten.
    });
  }

  /** The instance in which `source` asks for a vote, if this process may vote there; else it is told why not. */
  #askedBy(source: Address, instance: number, ballot: Ballot): Instance | undefined {
    const served = this.#served;
    if (!served || instance > served.number) {
      this.consensus.next(new Ahead(source, instance));
    } else if (instance < served.number) {
      this.consensus.next(new Behind(source, instance));
    } else if (served.decision) {
      this.network.next(new Decided(source, { instance, value: served.decision }));
    } else if (served.acceptors.includes(this.#init.self) && served.isBallotOf(source, ballot)) {
      served.notice(ballot.round);
      return served;
    }
    return undefined;
  }

  #refuse(served: Instance, source: Address, ballot: Ballot): void {
    const { promised } = served.acceptor;
    invariant(promised !== undefined, 'who refuses has promised something');
    const { round } = promised;
    this.network.next(new Refused(source, { instance: served.number, ballot, round }));
  }

  /** The instance in which an acceptor answers, if it answers the ballot that is under way. */
  #answered(instance: number, ballot: Ballot): Instance | undefined {
    const served = this.#served;
    if (served?.number !== instance || !served.attempt) return undefined;
    return compareBallots(served.attempt.ballot, ballot) === 0 ? served : undefined;
  }

  #beginBallot(served: Instance): void {
    const attempt = served.begin(this.#init.self, this.#boot);
    this.#ballots.add();
    this.#send(served, attempt);
  }

  /** Sends the running phase to the acceptors that have not answered it, and again when that is due. */
  #send({ number: instance }: Instance, { ballot, value, unanswered }: Attempt): void {
    for (const acceptor of unanswered) {
      const message =
        value === undefined
          ? new Prepare(acceptor, { instance, ballot })
          : new Accept(acceptor, { instance, ballot, value });
      this.network.next(message);
    }
    this.#schedule(this.#init.retransmitMs);
  }

  #backOff(served: Instance): void {
    const { backoffMs, longestBackoffMs } = this.#init;
    const longestMs = Math.min(backoffMs * 2 ** served.refusals, longestBackoffMs);
    served.refusals += 1;
    this.#schedule(this.#chance.float() * longestMs);
  }

  /** Does what is due, unless nothing is proposed any more. */
  #goOn(): void {
    const served = this.#served;
    if (served?.proposal === undefined) return;
    if (served.attempt) this.#send(served, served.attempt);
    else this.#beginBallot(served);
  }

  #decide(served: Instance, value: Uint8Array): void {
    const decision = served.decide(value);
    if (decision) this.consensus.next(new Decide(served.number, decision));
  }

  #schedule(delayMs: number): void {
    this.timer.next(new CancelTimeout(this.#due));
    this.#due = new Due();
    this.timer.next(new ScheduleTimeout(delayMs, this.#due));
  }
}
