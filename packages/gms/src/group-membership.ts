import { Component, Start, Stop, invariant, type Context } from '@jbstore/core';
import { Consensus, Decide, Serve } from '@jbstore/consensus/port';
import { EventualLeaderDetector, SetCandidates } from '@jbstore/eld/port';
import {
  EventuallyPerfectFailureDetector,
  Follow,
  Restore,
  Suspect,
  Tell,
  Told,
  Unfollow,
} from '@jbstore/epfd/port';
import { Address, ConnectionRefused, Network, NetworkStatus } from '@jbstore/network/port';
import { CancelTimeout, SchedulePeriodicTimeout, Timeout, Timer } from '@jbstore/timer/port';
import type { z } from 'zod';

import { GroupMembershipInit } from './group-membership-init';
import { Install, Installed, Join, JoinRefusal, ViewReply, ViewRequest } from './messages';
import { largestCouncil } from './council';
import { firstInstance, instanceAfter } from './instances';
import { hasStrayed, isSameLine } from './line';
import { councilIn, watchedBy } from './neighbours';
import { bytesOfNews, newsOf, newsTopic } from './news';
import {
  BootTimedOut,
  Bootstrapping,
  EndBootstrap,
  Evicted,
  Gathered,
  JoinRefused,
  Membership,
  NewView,
  RivalFound,
  SuspicionsChanged,
  Waiting,
} from './port';
import { clusterLivesRefusal } from './refusals';
import { Reporting } from './reporting';
import { indexOf } from './slots';
import { endpointOf, type View } from './view';
import { viewOf } from './view-bytes';
import { epochOf } from './view-fields';

const rivalry =
  'a node is of another era, which was forced beside ours: end the nodes of one of both sides, and let them join the other';

/** What was not answered is to be sent again. */
class RetransmitDue extends Timeout {}

/**
 * Implements {@link Membership} by a sequence of views, each decided by consensus among the council of
 * the one before (the design of JBstore, sections 5.2 and 5.3; after Vertical Paxos: Lamport, Malkhi, Zhou 2009).
 *
 * This component installs what is decided, helps those who lag behind, has the right processes watched, and
 * reports which slots are synced. What is to be decided is the business of {@link Reconfiguration}.
 *
 * - A view is installed if it is later than the present one. Views may be skipped.
 * - An operator may force an era. A view of another line of eras than the present one is refused, with an alarm; who went
 *   on in an era that was given up, beyond where the next one began, is a member no more.
 * - Who has which view rides on the heartbeats. Who hears of a later view asks for it; a council member
 *   sends its own to whom it hears to be behind.
 * - The council watches all, all watch the council and those with whom they share a slot: O(N) pairs.
 * - A slot that is synced here is reported to the leader until that says that it is settled; to a new leader, which
 *   knows nothing, all are reported again.
 *
 * Uses links that may lose and repeat, an eventually perfect failure detector, an eventual leader
 * detector, consensus and a timer. Sends nothing of its own while the view and the slots stay as they are.
 */
export class GroupMembership extends Component {
  readonly membership = this.provides(Membership);
  readonly bootstrapping = this.requires(Bootstrapping);
  readonly network = this.requires(Network);
  readonly networkStatus = this.requires(NetworkStatus);
  readonly epfd = this.requires(EventuallyPerfectFailureDetector);
  readonly eld = this.requires(EventualLeaderDetector);
  readonly consensus = this.requires(Consensus);
  readonly timer = this.requires(Timer);

  readonly #init: z.output<typeof GroupMembershipInit>;
  readonly #self: Address;
  readonly #context: Context;
  #view: View | undefined;
  /** This process will never be a member. */
  #ended = false;
  /** Whose view is ours, once this process is bound to a group: that of no other one is installed. */
  #founder: Address | undefined;
  readonly #followed = new Set<Address>();
  readonly #suspected = new Set<Address>();
  /** The epochs that others have told of. */
  readonly #epochs = new Map<Address, number>();
  readonly #reporting: Reporting;
  /** Who is known to be of another line, so that each is complained of once. */
  readonly #rivals = new Set<Address>();
  #retransmit = new RetransmitDue();

  constructor(context: Context, init: GroupMembershipInit) {
    super(context);
    this.#init = GroupMembershipInit.parse(init);
    this.#self = this.#init.self;
    this.#context = context;
    this.#reporting = new Reporting(this.membership, this.network, this.eld);

    this.control.upon(Start, () => {
      this.#retransmit = new RetransmitDue();
      const { retransmitMs } = this.#init;
      this.timer.next(new SchedulePeriodicTimeout(retransmitMs, this.#retransmit));
      this.#tellNews();
    });

    this.control.upon(Stop, () => {
      this.timer.next(new CancelTimeout(this.#retransmit));
    });

    this.#uponBootstrap();
    this.#uponViews();
    this.#uponSuspicions();

    this.timer.upon(RetransmitDue, (timeout) => {
      if (timeout !== this.#retransmit) return; // A shared timer: it is someone else's.
      this.#helpLaggards();
      this.#reporting.report();
    });
  }

  #uponBootstrap(): void {
    for (const kind of [Waiting, JoinRefused, BootTimedOut]) {
      this.bootstrapping.upon<Waiting | JoinRefused | BootTimedOut>(kind, (indication) => {
        if (this.#view) return;
        this.#ended ||= !(indication instanceof Waiting);
        this.membership.next(indication);
      });
    }

    // The founding members are the acceptors of the first view; as many as a council has may lead, and are watched.
    this.bootstrapping.upon(Gathered, ({ members }) => {
      if (this.#view || this.#founder !== undefined) return;
      this.#founder = members[0];
      const candidates = members.slice(0, largestCouncil);
      this.#follow(new Set(candidates));
      this.eld.next(new SetCandidates(candidates));
      this.consensus.next(new Serve(firstInstance, members));
    });
  }

  #uponViews(): void {
    this.consensus.upon(Decide, ({ value }) => {
      this.#install(viewOf(value), this.#self);
    });

    this.network.upon(Join, ({ address }) => {
      if (this.#epochs.get(address) === 0) this.#help(address, 0);
    });

    for (const kind of [Install, ViewReply]) {
      this.network.upon<Install | ViewReply>(kind, ({ source, view }) => {
        this.#install(view, source);
      });
    }

    this.epfd.upon(Told, ({ process, topic, news }) => {
      if (topic !== newsTopic) return;
      const { epoch = 0, forces = [] } = newsOf(news) ?? {};
      if (this.#isOfOtherLine(process, { forces })) return;
      this.#hear(process, epoch);
      if (epoch > this.#epoch) this.#help(process, epoch);
    });

    this.network.upon(Installed, ({ source, epoch }) => {
      if (this.#followed.has(source)) this.#hear(source, epoch);
    });
  }

  #uponSuspicions(): void {
    // Another process answers where a member was.
    this.networkStatus.upon(ConnectionRefused, ({ peer, code }) => {
      const members = this.#view?.members.map(({ address }) => address) ?? [];
      if (code !== 'ERR_WRONG_PROCESS' || !members.includes(peer)) return;
      const others = members.filter((member) => member !== peer).map(endpointOf);
      const refusal = clusterLivesRefusal(peer, others);
      this.network.next(new JoinRefusal(Address.parse(`@${endpointOf(peer)}`), { ...refusal }));
    });

    this.epfd.upon(Suspect, ({ process }) => {
      if (!this.#followed.has(process)) return; // A shared detector: someone else follows it.
      this.#suspected.add(process);
      this.#suspicionsChanged();
    });

    this.epfd.upon(Restore, ({ process }) => {
      if (this.#suspected.delete(process)) this.#suspicionsChanged();
    });
  }

  /**
   * Who is listed no more, as news of it may come when it is not followed any more: it hears from those whom it follows
   * itself. Of who is listed it stays known: one that knows less is another process.
   */
  #forgetOthers(view: View): void {
    for (const [process, epoch] of this.#epochs) {
      const isGone = epoch <= this.#epoch && indexOf(view, process) === undefined;
      if (isGone) this.#epochs.delete(process);
    }
  }

  /** One that knows less than before is another process under its name, without its memory: it is not helped. */
  #hear(process: Address, epoch: number): void {
    const known = this.#epochs.get(process) ?? 0;
    this.#epochs.set(process, Math.max(known, epoch));
  }

  get #epoch(): number {
    return this.#view ? epochOf(this.#view) : 0;
  }

  #install(view: View, source: Address): void {
    if (this.#ended || view.founder !== (this.#founder ?? view.founder)) return;
    if (this.#isOfOtherLine(source, view) || epochOf(view) <= this.#epoch) return;
    const hasStayed = !this.#view || !hasStrayed(this.#view, view);
    const self = hasStayed ? indexOf(view, this.#self) : undefined;
    const wasMember = this.#view !== undefined;
    if (self === undefined && !wasMember) return; // It does not know this process yet.

    this.#founder = view.founder;
    this.#view = view;
    this.#reporting.install(view, self);
    if (!wasMember) this.bootstrapping.next(new EndBootstrap());
    if (self !== undefined) this.#takePart(view, self);
    this.#forgetOthers(view);
    this.#ended = self === undefined;
    this.membership.next(this.#ended ? new Evicted(view) : new NewView(view));
    if (this.#suspected.size > 0) this.#suspicionsChanged();
    else this.#tellNews();
    for (const process of this.#followed) {
      this.network.next(new Installed(process, { epoch: this.#epoch }));
    }
  }

  /** There is no way from the one to the other: whoever took both would be in two places at once. */
  #isOfOtherLine(process: Address, line: Pick<View, 'forces'>): boolean {
    if (!this.#view || isSameLine(this.#view, line)) return false;
    if (this.#rivals.has(process)) return true;
    this.#rivals.add(process);
    this.#context.counter('gms.rivals').add();
    this.#context.log.error(rivalry, { node: process, era: this.#view.era });
    this.membership.next(new RivalFound(process, this.#view.era));
    return true;
  }

  #takePart(view: View, self: number): void {
    const council = councilIn(view);
    this.#follow(watchedBy(view, self));
    this.eld.next(new SetCandidates(council));
    this.consensus.next(new Serve(instanceAfter(view), council));
  }

  #follow(processes: ReadonlySet<Address>): void {
    for (const process of processes) {
      if (process === this.#self || this.#followed.has(process)) continue;
      this.#followed.add(process);
      this.epfd.next(new Follow(process));
    }
    for (const process of [...this.#followed]) {
      if (processes.has(process)) continue;
      this.#followed.delete(process);
      this.#epochs.delete(process);
      this.epfd.next(new Unfollow(process));
    }
    invariant(!this.#followed.has(this.#self), 'a process does not watch itself');
  }

  #suspicionsChanged(): void {
    if (!this.#view) return;
    const inOrder = this.#view.members.map(({ address }) => address);
    const suspected = inOrder.filter((address) => this.#suspected.has(address));
    this.membership.next(new SuspicionsChanged(suspected));
    this.#tellNews();
  }

  #tellNews(): void {
    const view = this.#view;
    const indices = [...this.#suspected].map((process) => view && indexOf(view, process));
    const suspected = indices.filter((index) => index !== undefined);
    const forces = this.#view?.forces ?? [];
    this.epfd.next(new Tell(newsTopic, bytesOfNews({ epoch: this.#epoch, suspected, forces })));
  }

  /** Who asked for a later view, or should have been told of this one, may not have got it. */
  #helpLaggards(): void {
    for (const [process, epoch] of this.#epochs) {
      if (!this.#suspected.has(process)) this.#help(process, epoch);
    }
  }

  #help(process: Address, epoch: number): void {
    const view = this.#view;
    const known = this.#epoch;
    if (epoch > known) this.network.next(new ViewRequest(process, { follow: false, known }));
    else if (view && epoch < known) this.network.next(new Install(process, { view }));
  }
}
