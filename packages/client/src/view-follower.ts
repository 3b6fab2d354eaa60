import { Component, Start, type Context } from '@jbstore/core';
import {
  NoView,
  SuspicionsReply,
  ViewReply,
  ViewRequest,
  epochOf,
  isSameLine,
  type View,
} from '@jbstore/gms/port';
import {
  Address,
  Connected,
  ConnectionRefused,
  Disconnected,
  Network,
  NetworkStatus,
  SessionLost,
  Unreachable,
} from '@jbstore/network/port';
import { SchedulePeriodicTimeout, Timeout, Timer } from '@jbstore/timer/port';
import { z } from 'zod';

import {
  Cluster,
  Lost,
  NotReached,
  Reached,
  Refresh,
  SuspicionsLearned,
  ViewLearned,
} from './port';

export const ViewFollowerInit = z.object({
  /** Where to learn the view: `@host:port` of some nodes. */
  contacts: z.array(Address).min(1),
  /** How often those are asked that have not answered. */
  askMs: z.number().positive().default(500),
});
export type ViewFollowerInit = z.input<typeof ViewFollowerInit>;

class AskAgain extends Timeout {}

/**
 * Learns the view from whoever knows it, and from all its members whom they suspect, as it changes.
 *
 * Every member is asked to be followed, again whenever it is connected anew, so that a suspicion is
 * known here a message after some member has it. If operators have forced two eras beside each other, who has heard of
 * the one never follows to the other: no client sees both as one store.
 */
export class ViewFollower extends Component {
  readonly cluster = this.provides(Cluster);
  readonly network = this.requires(Network);
  readonly status = this.requires(NetworkStatus);
  readonly timer = this.requires(Timer);

  readonly #contacts: readonly Address[];
  /** Whom each member suspects that answers. */
  readonly #suspicions = new Map<Address, readonly Address[]>();
  /** For how many periods those have said nothing of whom nothing is known. */
  readonly #silentFor = new Map<Address, number>();
  #view: View | undefined;

  constructor(context: Context, init: ViewFollowerInit) {
    super(context);
    const { contacts, askMs } = ViewFollowerInit.parse(init);
    this.#contacts = contacts;

    this.control.upon(Start, () => {
      this.timer.next(new SchedulePeriodicTimeout(askMs, new AskAgain()));
      this.#askSilent();
    });

    this.timer.upon(AskAgain, () => {
      for (const member of this.#silent) {
        const periods = (this.#silentFor.get(member) ?? 0) + 1;
        this.#silentFor.set(member, periods);
        // What is asked waits for a connection by itself: it is said again only in case that it was lost.
        if (!this.#view || isPowerOfTwo(periods)) this.#ask(member);
      }
    });

    this.cluster.upon(Refresh, ({ process }) => {
      this.#ask(process);
    });

    this.network.upon(ViewReply, ({ source, view, suspected }) => {
      if (this.#view && !isSameLine(this.#view, view)) return;
      const isNews = epochOf(view) > this.#known;
      if (isNews) this.#install(view);
      this.#hear(source, suspected);
      if (isNews) this.#askSilent();
    });

    this.network.upon(SuspicionsReply, ({ source, epoch, suspected }) => {
      if (epoch > this.#known) this.#ask(source);
      this.#hear(source, suspected);
    });

    this.network.upon(NoView, ({ source, waitingFor }) => {
      this.cluster.next(new NotReached(source, waitingFor, false));
    });

    this.status.upon(Connected, ({ peer }) => {
      this.#ask(peer);
    });

    this.status.upon(Disconnected, ({ peer, reason }) => {
      this.#lose(peer, reason);
    });

    this.status.upon(SessionLost, ({ peer, reason }) => {
      this.#lose(peer, reason);
    });

    this.status.upon(Unreachable, ({ peer, reason }) => {
      this.cluster.next(new NotReached(peer, reason, false));
    });

    this.status.upon(ConnectionRefused, ({ peer, text }) => {
      this.cluster.next(new NotReached(peer, text, true));
    });
  }

  #install(view: View): void {
    this.#view = view;
    this.#silentFor.clear();
    this.cluster.next(new ViewLearned(view));
    const former = [...this.#suspicions.keys()].filter((known) => !this.#isMember(known));
    for (const known of former) this.#suspicions.delete(known);
    if (former.length > 0) this.#showSuspicions();
  }

  #hear(source: Address, suspected: readonly Address[]): void {
    if (!this.#isMember(source)) return;
    const known = this.#suspicions.get(source) ?? [];
    this.#suspicions.set(source, suspected);
    this.#silentFor.delete(source);
    if (suspected.join() !== known.join()) this.#showSuspicions();
    this.cluster.next(new Reached(source));
  }

  get #known(): number {
    return this.#view ? epochOf(this.#view) : 0;
  }

  #isMember(process: Address): boolean {
    return this.#view?.members.some(({ address }) => address === process) ?? false;
  }

  #ask(process: Address): void {
    this.network.next(new ViewRequest(process, { follow: true, known: this.#known }));
  }

  #askSilent(): void {
    for (const member of this.#silent) this.#ask(member);
  }

  /** Who has said nothing, of those who should know the view. */
  get #silent(): readonly Address[] {
    const members = this.#view?.members.map(({ address }) => address) ?? this.#contacts;
    return members.filter((member) => !this.#suspicions.has(member));
  }

  #lose(process: Address, reason: string): void {
    if (!this.#suspicions.delete(process)) return;
    this.#showSuspicions();
    this.cluster.next(new Lost(process, reason));
  }

  #showSuspicions(): void {
    const counts = new Map<Address, number>();
    for (const [member, suspected] of this.#suspicions) {
      for (const process of suspected) {
        if (process !== member) counts.set(process, (counts.get(process) ?? 0) + 1);
      }
    }
    this.cluster.next(new SuspicionsLearned(counts));
  }
}

function isPowerOfTwo(count: number): boolean {
  return (count & (count - 1)) === 0;
}
