import { Component, Start, type Context } from '@jbstore/core';
import { type Address, ConnectionRefused, Network, NetworkStatus } from '@jbstore/network/port';
import { CancelTimeout, SchedulePeriodicTimeout, Timeout, Timer } from '@jbstore/timer/port';
import type { z } from 'zod';

import { checkedInit, type BootstrapInit } from './bootstrap-init';
import { Joining } from './joining';
import { Found, Join, JoinAccepted, JoinNoted, JoinRefusal, Settings } from './messages';
import { BootTimedOut, Bootstrapping, EndBootstrap, Gathered, JoinRefused, Waiting } from './port';
import { notFirstRefusal, type Refusal } from './refusals';
import { Roster } from './roster';
import { endpointOf } from './view';

/** A join, or who has gathered, is to be sent again. */
class RetransmitDue extends Timeout {}

interface First {
  readonly kind: 'first';
  readonly roster: Roster;
}

interface Joiner {
  readonly kind: 'joiner';
  readonly joining: Joining;
}

/** The group is complete; who belongs to it is told until there is a view. */
interface Founder {
  readonly kind: 'founder';
  readonly members: readonly Address[];
}

/** There is a view, or no hope: nothing moves it any more. */
interface Ended {
  readonly kind: 'ended';
}

/**
 * Implements {@link Bootstrapping}: the first of N processes waits for N − 1 joins, then tells all who
 * they are (the bootstrap of the report on JBstore, 2016); and a process that is to join a cluster which
 * has a view asks there until it is in it.
 *
 * A joiner asks until it is answered. The answer of a first node binds it to that one, by its process
 * id, and only bound joiners are counted: so no late message of a dead process brings it into the group,
 * and nobody is in two groups. A member of a cluster does not bind a joiner: any other may take it in.
 *
 * Departs from the report: messages are repeated, so that any of them may be lost; what the first node
 * tells is not the view, only who has gathered, and the view is decided among these, so that the first node
 * may die at any moment; a joiner ends when it was answered by nobody for too long.
 *
 * Uses links that may lose and repeat, and a timer. Sends 5 · (N − 1) messages where none is lost.
 */
export class Bootstrap extends Component {
  readonly bootstrapping = this.provides(Bootstrapping);
  readonly network = this.requires(Network);
  readonly networkStatus = this.requires(NetworkStatus);
  readonly timer = this.requires(Timer);

  readonly #init: z.output<typeof BootstrapInit>;
  readonly #settings: Settings;
  readonly #context: Context;
  #state: First | Joiner | Founder | Ended;
  #waitingFor: string | undefined;
  #retransmit = new RetransmitDue();

  /**
   * @throws {@link z.ZodError} if `init` is not what its schema says.
   * @throws {@link ReplicationTooHighError} {@link SelfJoinError} {@link LonelyJoinError}
   */
  constructor(context: Context, init: BootstrapInit) {
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

    this.network.upon(JoinNoted, ({ text }) => {
      if (this.#state.kind !== 'joiner' || !this.#state.joining.noted()) return;
      this.#wait(text);
    });

    this.network.upon(Found, ({ source, members }) => {
      if (this.#state.kind !== 'joiner' || source !== this.#state.joining.first) return;
      this.#state.joining.accepted(source, members.length);
      this.#state.joining.complete();
      this.bootstrapping.next(new Gathered(members, this.#settings));
    });

    this.timer.upon(RetransmitDue, (timeout) => {
      if (timeout !== this.#retransmit) return; // A shared timer: it is someone else's.
      if (this.#state.kind === 'joiner') this.#joinAgain(this.#state.joining);
      else if (this.#state.kind === 'founder') this.#tell(this.#state.members);
    });

    this.#uponEnd();
  }

  #uponEnd(): void {
    this.bootstrapping.upon(EndBootstrap, () => {
      this.#end();
    });

    this.network.upon(JoinRefusal, ({ code, text }) => {
      // Who joins a cluster need not hear that there is one.
      if (code === 'cluster-lives' && this.#state.kind === 'joiner') return;
      this.#end(new JoinRefused(code, text));
    });

    this.networkStatus.upon(ConnectionRefused, (refused) => {
      if (this.#state.kind !== 'joiner') return;
      const refusal = this.#state.joining.refusalOf(refused);
      if (refusal) this.#end(new JoinRefused(refusal.code, refusal.text));
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
    const { members } = roster;
    this.#state = { kind: 'founder', members };
    this.#tell(members);
    this.bootstrapping.next(new Gathered(members, this.#settings));
  }

  #tell(members: readonly Address[]): void {
    for (const member of members) {
      if (member !== this.#init.self) {
        this.network.next(new Found(member, { members: [...members] }));
      }
    }
  }

  #refuse(process: Address, refusal: Refusal): void {
    this.#context.counter('gms.refusals', { code: refusal.code }).add();
    this.network.next(new JoinRefusal(process, { ...refusal }));
  }

  #end(indication?: JoinRefused | BootTimedOut): void {
    if (this.#state.kind === 'ended') return;
    this.#state = { kind: 'ended' };
    this.timer.next(new CancelTimeout(this.#retransmit));
    if (indication) this.bootstrapping.next(indication);
  }

  #wait(waitingFor: string): void {
    if (waitingFor === this.#waitingFor) return;
    this.#waitingFor = waitingFor;
    this.bootstrapping.next(new Waiting(waitingFor));
  }
}
