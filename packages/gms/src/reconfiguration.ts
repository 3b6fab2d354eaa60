import { Component, Start, Stop, type Context } from '@jbstore/core';
import { Consensus, Decide, Propose, Withdraw } from '@jbstore/consensus/port';
import { EventualLeaderDetector, Trust } from '@jbstore/eld/port';
import { EventuallyPerfectFailureDetector, Restore, Suspect, Told } from '@jbstore/epfd/port';
import { Network, type Address } from '@jbstore/network/port';
import { CancelTimeout, SchedulePeriodicTimeout, Timeout, Timer } from '@jbstore/timer/port';
import type { z } from 'zod';

import { Accusations } from './accusations';
import {
  ChangeReply,
  ChangeRequest,
  Install,
  Join,
  JoinNoted,
  JoinRefusal,
  ProgressReply,
  ProgressRequest,
  RefreshDue,
  Settled,
  Synced,
} from './messages';
import { firstInstance, instanceAfter } from './instances';
import { newsOf, newsTopic } from './news';
import { firstView } from './first-view';
import { Forcing } from './forcing';
import { nextView } from './planner';
import { Bootstrapping, Gathered, Membership, NewView, SlotSettled } from './port';
import { newcomerRefusal, type Refusal } from './refusals';
import { ReconfigurationInit } from './reconfiguration-init';
import { Settlement } from './settlement';
import { slotsIn, stretchesOf, type SlotEpoch } from './stretch';
import { changeDue } from './succession';
import { indexOf } from './slots';
import { endpointOf, type View } from './view';
import { bytesOfView, viewOf } from './view-bytes';
import { epochOf } from './view-fields';
import { refusalOfWish, staticRefusal } from './wish-refusals';
import { Wishes } from './wishes';

/** The leader looks at what there is to change. */
class PlanDue extends Timeout {}

/**
 * Decides, as long as this process is trusted to lead, what the next view shall be, and has it decided by
 * consensus (the design of JBstore, sections 5.2, 5.6; rules V1 to V8).
 *
 * Whoever is asked for a change passes it on to the leader. The leader takes in who wants to join, lets go who
 * wants to leave, evicts whom it and a majority of the council have suspected for a grace, and gives the
 * tokens of an evicted one to a joiner, if there is one. Each view goes one step, as far as the rules allow; what
 * remains is done by the views that follow, when the slots have settled.
 *
 * What is asked for and suspected is known to the leader alone and lost with it: who wants something asks again,
 * and each process finds out by itself whom it suspects.
 */
export class Reconfiguration extends Component {
  readonly bootstrapping = this.requires(Bootstrapping);
  readonly membership = this.requires(Membership);
  readonly network = this.requires(Network);
  readonly epfd = this.requires(EventuallyPerfectFailureDetector);
  readonly eld = this.requires(EventualLeaderDetector);
  readonly consensus = this.requires(Consensus);
  readonly timer = this.requires(Timer);

  readonly #init: z.output<typeof ReconfigurationInit>;
  readonly #context: Context;
  readonly #settlement = new Settlement();
  readonly #accusations = new Accusations();
  readonly #wishes = new Wishes();
  readonly #forcing: Forcing;
  #view: View | undefined;
  /** Before there is a view: what the first one shall be. */
  #founding: View | undefined;
  #leader: Address | undefined;
  #nowMs = 0;
  /** What the present proposal was made from; another one is made when that has changed. */
  #grounds: string | undefined;
  #plan = new PlanDue();

  constructor(context: Context, init: ReconfigurationInit) {
    super(context);
    this.#init = ReconfigurationInit.parse(init);
    this.#context = context;
    this.#forcing = new Forcing(this.network, context, {
      self: this.#init.self,
      accusations: this.#accusations,
      settlement: this.#settlement,
      propose: () => {
        this.#grounds = undefined;
        this.#propose();
      },
    });

    this.control.upon(Start, () => {
      this.#plan = new PlanDue();
      this.timer.next(new SchedulePeriodicTimeout(this.#init.planMs, this.#plan));
    });

    this.control.upon(Stop, () => {
      this.timer.next(new CancelTimeout(this.#plan));
    });

    this.timer.upon(PlanDue, (timeout) => {
      if (timeout !== this.#plan) return; // A shared timer: it is someone else's.
      this.#nowMs += this.#init.planMs;
      this.#forcing.tick();
      this.#wishes.tick(this.#nowMs);
      this.#propose();
    });

    this.#uponViews();
    this.#uponSuspicions();
    this.#uponReports();
    this.#uponRequests();
    this.#uponQuestions();
  }

  #uponViews(): void {
    this.bootstrapping.upon(Gathered, ({ members, settings }) => {
      if (this.#view || this.#founding) return;
      const { slotCount } = this.#init;
      this.#founding = firstView({ ...settings, slotCount }, members);
      this.#propose();
    });

    this.membership.upon(NewView, ({ view }) => {
      this.#view = view;
      this.#grounds = undefined;
      this.#settlement.install(view);
      this.#accusations.install(view);
      this.#wishes.install(view);
      this.#forcing.install(view);
    });

    // The leader spares the others the time until they hear of it by a heartbeat.
    this.consensus.upon(Decide, ({ value }) => {
      if (this.#leader !== this.#init.self) return;
      const view = viewOf(value);
      const known = [...(this.#view?.members ?? []), ...view.members];
      for (const address of new Set(known.map((member) => member.address))) {
        if (address !== this.#init.self) this.network.next(new Install(address, { view }));
      }
    });
  }

  #uponSuspicions(): void {
    this.eld.upon(Trust, ({ leader }) => {
      this.#leader = leader;
      this.#grounds = undefined;
      this.#propose();
    });

    this.epfd.upon(Suspect, ({ process }) => {
      this.#accusations.suspect(process, this.#nowMs);
    });

    this.epfd.upon(Restore, ({ process }) => {
      this.#accusations.restore(process);
    });

    this.epfd.upon(Told, ({ process, topic, news }) => {
      if (topic !== newsTopic) return;
      this.#accusations.hear(process, new Set(newsOf(news)?.suspected));
    });
  }

  #uponReports(): void {
    // So a later leader knows it, and whoever must do without one.
    this.membership.upon(SlotSettled, ({ slot, epoch }) => {
      this.#settlement.settle({ slot, epoch });
    });

    this.network.upon(Synced, ({ source, stretches }) => {
      const member = this.#view && indexOf(this.#view, source);
      if (!this.#view || member === undefined) return;
      const reported = [...slotsIn(stretches)];
      const news = reported.filter((slot) => this.#settlement.report(member, slot));
      this.#tellSettled(
        this.#view.members.map(({ address }) => address),
        news,
      );
      // Who repeats itself has not heard of it.
      const known = reported.filter((slot) => this.#settlement.isSettledIn(slot));
      this.#tellSettled([source], known);
    });
  }

  /** Whoever is asked passes it on to the leader, so that nobody has to know who that is. */
  #uponRequests(): void {
    this.network.upon(Join, ({ source, address, settings, bound }) => {
      const view = this.#view;
      if (!view) return; // Who gathers the first members answers it.
      if (indexOf(view, address) !== undefined) return; // It is a member, and is told so.
      const refusal = newcomerRefusal(view, address, settings, this.#isStatic(view));
      if (refusal) this.#refuse(address, refusal);
      else if (this.#leads) this.#note(address);
      else if (this.#leader !== undefined && source === address) {
        this.network.next(new Join(this.#leader, { address, settings, bound }));
      }
    });

    this.network.upon(ChangeRequest, (request) => {
      const { source, id, client, change } = request;
      const asker = client ?? source;
      const view = this.#view;
      if (view && this.#isStatic(view)) {
        const text = staticRefusal(view);
        this.network.next(new ChangeReply(asker, { id, verdict: 'refused', text }));
      } else if (view && change.kind === 'force') {
        this.#forcing.ask(view, request, change, this.#leader);
      } else if (view && change.kind !== 'force' && this.#leads) {
        const refusal = refusalOfWish(view, change, this.#wishes);
        if (refusal === undefined) this.#wishes.take(view, change);
        const verdict = refusal === undefined ? 'accepted' : 'refused';
        const text = refusal ?? 'it is being done';
        this.network.next(new ChangeReply(asker, { id, verdict, text }));
      } else if (this.#leader !== undefined && client === null) {
        this.network.next(new ChangeRequest(this.#leader, { id, client: asker, change }));
      } else {
        const text = 'no member is trusted to lead now: ask again in a few seconds';
        this.network.next(new ChangeReply(asker, { id, verdict: 'not now', text }));
      }
    });
  }

  #uponQuestions(): void {
    this.network.upon(RefreshDue, ({ source, stretches }) => {
      const view = this.#view;
      if (!view || !this.#leads || indexOf(view, source) === undefined) return;
      this.#wishes.gather(view, slotsIn(stretches), this.#nowMs + this.#init.refreshMs);
    });

    this.network.upon(ProgressRequest, ({ source, id }) => {
      const epoch = this.#view ? epochOf(this.#view) : 0;
      const unsettled = this.#leads ? this.#settlement.unsettled : null;
      this.network.next(new ProgressReply(source, { id, epoch, unsettled }));
    });
  }

  /** Who is trusted, and in the council: of a view that has taken it out this process hears before of who leads then. */
  get #leads(): boolean {
    const own = this.#view && indexOf(this.#view, this.#init.self);
    const mayDecide = !this.#view || (own !== undefined && this.#view.council.includes(own));
    return mayDecide && this.#leader === this.#init.self;
  }

  #isStatic({ register }: View): boolean {
    return register !== 'exactly-once' || this.#init.keepsFirstView;
  }

  #refuse(joiner: Address, refusal: Refusal): void {
    this.#context.counter('gms.refusals', { code: refusal.code }).add();
    this.network.next(new JoinRefusal(joiner, { ...refusal }));
  }

  #note(joiner: Address): void {
    this.#wishes.join(joiner, this.#nowMs);
    const text = `this node waits to be taken in by ${endpointOf(this.#init.self)}, which leads`;
    this.network.next(new JoinNoted(joiner, { text }));
  }

  /** Proposes what is to come next, if this process leads, and it knows more than when it last did. */
  #propose(): void {
    if (!this.#leads || (this.#view && this.#isStatic(this.#view))) return;
    const { graceMs, joinMs } = this.#init;
    const givenUp = this.#accusations.convicted(this.#init.self, this.#nowMs, graceMs);
    const joiners = this.#wishes.joiners(this.#nowMs - joinMs);
    const versions = [this.#settlement, this.#accusations, this.#wishes].map(
      ({ version }) => version,
    );
    const grounds = [...versions, ...givenUp, ...joiners].join(' ');
    if (grounds === this.#grounds) return;

    this.#grounds = grounds;
    const next = this.#view ? this.#following(this.#view, givenUp, joiners) : this.#founding;
    const instance = this.#view ? instanceAfter(this.#view) : firstInstance;
    this.consensus.next(next ? new Propose(instance, bytesOfView(next)) : new Withdraw(instance));
  }

  #following(
    view: View,
    givenUp: ReadonlySet<number>,
    joiners: readonly Address[],
  ): View | undefined {
    if (this.#forcing.proposal) return this.#forcing.proposal;
    const { suspected } = this.#accusations;
    const settled = (slot: number): boolean => this.#settlement.isSettled(slot);
    const knowledge = { settled, suspected, givenUp };
    const { leaving, successors, refresh } = this.#wishes;
    const change = changeDue(view, { joiners, leaving, successors }, knowledge);
    const { mostMoving } = this.#init;
    return nextView(view, change ? [change] : [], knowledge, { mostMoving, refresh });
  }

  #tellSettled(members: readonly Address[], slots: readonly SlotEpoch[]): void {
    if (slots.length === 0) return;
    const stretches = stretchesOf(slots);
    for (const member of members) this.network.next(new Settled(member, { stretches }));
  }
}
