import { Component, Start, invariant, type Context } from '@jbstore/core';
import { EventuallyPerfectFailureDetector, Follow, Restore, Suspect } from '@jbstore/epfd/port';
import { Address, ConnectionRefused, Network, NetworkStatus } from '@jbstore/network/port';
import { CancelTimeout, SchedulePeriodicTimeout, Timeout, Timer } from '@jbstore/timer/port';
import type { z } from 'zod';

import { Joining } from './joining';
import { Install, Installed, Join, JoinAccepted, JoinRefusal, Settings } from './messages';
import { BootTimedOut, JoinRefused, Membership, NewView, SuspicionsChanged, Waiting } from './port';
import { lateJoinRefusal, notFirstRefusal, strangerRefusal, type Refusal } from './refusals';
import { Roster } from './roster';
import { checkedInit, type StaticMembershipInit } from './static-membership-init';
import { endpointOf, isSameView, type View } from './view';

/** A join, or a view, is to be sent again. */
class RetransmitDue extends Timeout {}

interface First {
  readonly kind: 'first';
  readonly roster: Roster;
}

interface Joiner {
  readonly kind: 'joiner';
  readonly joining: Joining;
}

interface Installer {
  readonly kind: 'member';
  readonly view: View;
  /** The members of which the first node, this one, does not know yet that they have the view. */
  readonly unacknowledged: Set<Address>;
}

/** It was refused, or gave up waiting: nothing moves it any more. */
interface Ended {
  readonly kind: 'ended';
}

/**
 * Implements {@link Membership} with one view for life, which the first of N processes makes: it waits
 * for N − 1 joins, then the view goes to all (the bootstrap of the report on JBstore, 2016).
 *
 * A joiner asks until it is answered. The answer binds it to this first node, by its process id, and
 * only bound joiners are counted: so no late message of a dead process brings it into the view, and
 * nobody takes views from two first nodes. The first node sends the view to each member until that
 * one has acknowledged it. From then on each member has the others watched.
 *
 * Departs from the report: messages are repeated, so that any of them may be lost; who comes too late,
 * from elsewhere, or back from the dead hears why it is refused; a joiner ends when the first node has
 * been silent for too long.
 *
 * Does not survive the end of the first node while some have the view and some have not: these end
 * after the boot time-out, and the view stays as it is.
 *
 * Uses links that may lose and repeat, a timer and an eventually perfect failure detector. Boots by
 * 6 · (N − 1) messages where none is lost, then sends none of its own; keeps O(N) state.
 */
export class StaticMembership extends Component {
  readonly membership = this.provides(Membership);
  readonly network = this.requires(Network);
  readonly networkStatus = this.requires(NetworkStatus);
  readonly epfd = this.requires(EventuallyPerfectFailureDetector);
  readonly timer = this.requires(Timer);

  readonly #init: z.output<typeof StaticMembershipInit>;
  readonly #settings: Settings;
  readonly #context: Context;
  readonly #suspected = new Set<Address>();
  #state: First | Joiner | Installer | Ended;
  #waitingFor: string | undefined;
  #retransmit = new RetransmitDue();

  /**
   * @throws {@link z.ZodError} if `init` is not what its schema says.
   * @throws {@link ReplicationTooHighError} {@link SelfJoinError} {@link LonelyJoinError}
   */
  constructor(context: Context, init: StaticMembershipInit) {
    super(context);
    this.#init = checkedInit(init);
    this.#settings = Settings.parse(this.#init);
    this.#context = context;
    const { role, self, nodes } = this.#init;
    this.#state =
      role === 'first'
        ? { kind: 'first', roster: new Roster(self, this.#settings) }
        : { kind: 'joiner', joining: new Joining(role.join, nodes) };

    this.control.upon(Start, () => {
      if (this.#state.kind === 'ended') return;
      const { retransmitMs } = this.#init;
      this.#retransmit = new RetransmitDue();
      this.timer.next(new SchedulePeriodicTimeout(retransmitMs, this.#retransmit));
      if (this.#state.kind === 'joiner') this.#join(this.#state.joining);
      else if (this.#state.kind === 'first') this.#completeOrWait(this.#state.roster);
    });

    this.network.upon(Join, (join) => {
      const state = this.#state;
      if (state.kind === 'first') this.#admit(state.roster, join);
      else if (state.kind === 'member') this.#answerLateJoin(state, join.source);
      else if (state.kind === 'joiner') {
        this.#refuse(join.source, notFirstRefusal(self, endpointOf(state.joining.at)));
      }
    });

    this.network.upon(JoinAccepted, ({ source, joined }) => {
      if (this.#state.kind !== 'joiner') return;
      const { joining } = this.#state;
      const wasBound = joining.first !== undefined;
      if (!joining.accepted(source, joined)) return;
      this.#wait(joining.waitingFor);
      if (!wasBound) this.#join(joining);
    });

    this.network.upon(Install, ({ source, view }) => {
      if (this.#state.kind === 'joiner' && source === this.#state.joining.first) {
        if (hasMember(view, self)) this.#install(view, new Set());
      }
      if (this.#state.kind === 'member' && isSameView(view, this.#state.view)) {
        this.network.next(new Installed(source, { number: view.number }));
      }
    });

    this.network.upon(Installed, ({ source, number }) => {
      if (this.#state.kind !== 'member' || number !== this.#state.view.number) return;
      this.#state.unacknowledged.delete(source);
    });

    this.timer.upon(RetransmitDue, (timeout) => {
      if (timeout !== this.#retransmit) return; // A shared timer: it is someone else's.
      if (this.#state.kind === 'joiner') this.#joinAgain(this.#state.joining);
      else if (this.#state.kind === 'member') this.#sendAgain(this.#state);
    });

    this.#uponHopeless();
    this.#uponSuspicions();
  }

  #uponHopeless(): void {
    this.network.upon(JoinRefusal, ({ code, text }) => {
      if (this.#state.kind !== 'member') this.#end(new JoinRefused(code, text));
    });

    this.networkStatus.upon(ConnectionRefused, (refused) => {
      if (this.#state.kind === 'joiner') {
        const refusal = this.#state.joining.refusalOf(refused);
        if (refusal) this.#end(new JoinRefused(refusal.code, refusal.text));
      } else if (this.#state.kind === 'member' && refused.code === 'ERR_WRONG_PROCESS') {
        this.#turnAway(this.#state.view, refused.peer);
      }
    });
  }

  #uponSuspicions(): void {
    this.epfd.upon(Suspect, ({ process }) => {
      if (!this.#isMember(process)) return; // A shared detector: someone else follows it.
      this.#suspected.add(process);
      this.#indicateSuspicions();
    });

    this.epfd.upon(Restore, ({ process }) => {
      if (this.#suspected.delete(process)) this.#indicateSuspicions();
    });
  }

  #join(joining: Joining): void {
    const { self: address } = this.#init;
    const { first, at, waitingFor } = joining;
    const bound = first !== undefined;
    this.network.next(new Join(first ?? at, { address, settings: this.#settings, bound }));
    this.#wait(waitingFor);
  }

  #joinAgain(joining: Joining): void {
    const { retransmitMs, bootTimeoutMs } = this.#init;
    if (joining.silentFor(retransmitMs) < bootTimeoutMs) this.#join(joining);
    else this.#end(new BootTimedOut(joining.waitingFor));
  }

  #admit(roster: Roster, join: Join): void {
    const refusal = roster.refusalOf(join);
    if (refusal) {
      this.#refuse(join.source, refusal);
      return;
    }
    const isNew = join.bound && roster.add(join.source);
    this.network.next(new JoinAccepted(join.source, { joined: roster.joined }));
    if (!isNew) return;
    this.#context.log.info('a node has joined', { node: join.source, joined: roster.joined });
    this.#completeOrWait(roster);
  }

  #completeOrWait(roster: Roster): void {
    if (!roster.complete) {
      this.#wait(roster.waitingFor);
      return;
    }
    const view = roster.view();
    const others = addressesOf(view).filter((address) => address !== this.#init.self);
    this.#install(view, new Set(others));
    for (const member of others) this.network.next(new Install(member, { view }));
  }

  #install(view: View, unacknowledged: Set<Address>): void {
    const { self } = this.#init;
    invariant(this.#state.kind !== 'member', 'a process installs one view');
    invariant(hasMember(view, self), 'a process is a member of the view that it installs');
    this.#state = { kind: 'member', view, unacknowledged };
    if (unacknowledged.size === 0) this.timer.next(new CancelTimeout(this.#retransmit));
    for (const { address } of view.members) {
      if (address !== self) this.epfd.next(new Follow(address));
    }
    this.membership.next(new NewView(view));
  }

  /** A suspected member is spared: it is told when it is restored. */
  #sendAgain({ view, unacknowledged }: Installer): void {
    if (unacknowledged.size === 0) this.timer.next(new CancelTimeout(this.#retransmit));
    for (const member of unacknowledged) {
      if (!this.#suspected.has(member)) this.network.next(new Install(member, { view }));
    }
  }

  #answerLateJoin({ view, unacknowledged }: Installer, joiner: Address): void {
    if (unacknowledged.has(joiner)) this.network.next(new Install(joiner, { view }));
    else if (!this.#isMember(joiner)) this.#refuse(joiner, lateJoinRefusal(view, joiner));
  }

  /** Another process answers where the member `peer` was. It may wait there for joins for ever. */
  #turnAway(view: View, peer: Address): void {
    if (!hasMember(view, peer)) return;
    this.#refuse(Address.parse(`@${endpointOf(peer)}`), strangerRefusal(peer));
  }

  #refuse(process: Address, refusal: Refusal): void {
    this.#context.counter('gms.refusals', { code: refusal.code }).add();
    this.network.next(new JoinRefusal(process, { ...refusal }));
  }

  #end(indication: JoinRefused | BootTimedOut): void {
    if (this.#state.kind === 'ended') return;
    this.#state = { kind: 'ended' };
    this.timer.next(new CancelTimeout(this.#retransmit));
    this.membership.next(indication);
  }

  #wait(waitingFor: string): void {
    if (waitingFor === this.#waitingFor) return;
    this.#waitingFor = waitingFor;
    this.membership.next(new Waiting(waitingFor));
  }

  #isMember(process: Address): boolean {
    return this.#state.kind === 'member' && hasMember(this.#state.view, process);
  }

  #indicateSuspicions(): void {
    invariant(this.#state.kind === 'member', 'who has no view suspects nobody');
    invariant(!this.#suspected.has(this.#init.self), 'a process does not suspect itself');
    const inOrder = addressesOf(this.#state.view);
    const suspected = inOrder.filter((address) => this.#suspected.has(address));
    this.membership.next(new SuspicionsChanged(suspected));
  }
}

function addressesOf({ members }: View): readonly Address[] {
  return members.map(({ address }) => address);
}

function hasMember({ members }: View, process: Address): boolean {
  return members.some(({ address }) => address === process);
}
