import { Component, Stop, type Context, type Gauge } from '@jbstore/core';
import {
  Connected,
  Disconnected,
  Network,
  NetworkStatus,
  SessionLost,
  type Address,
} from '@jbstore/network/port';
import { CancelTimeout, ScheduleTimeout, Timer } from '@jbstore/timer/port';
import { z } from 'zod';

import { FollowerGone, Followers } from './followers';
import { NoView, SuspicionsReply, ViewReply, ViewRequest } from './messages';
import { JoinRefused, Membership, NewView, SuspicionsChanged, Waiting } from './port';
import type { View } from './view';
import { epochOf } from './view-fields';

export const ViewServiceInit = z.object({
  /** How many clients are told of every change. */
  mostFollowers: z.int().nonnegative().default(10_000),
  /** How long a follower may be disconnected before it is forgotten. */
  followerOutageMs: z.number().positive().default(30_000),
});
export type ViewServiceInit = z.input<typeof ViewServiceInit>;

/**
 * Tells whoever asks for it the view and the suspicions of this process's {@link Membership}; and those
 * who want to follow it, again, upon the view and upon each change of the suspicions. Who knows the view
 * already is told the suspicions alone.
 *
 * A client that follows must ask again when its connection was lost for long, or when there were too
 * many followers: it is answered all the same, and not told.
 */
export class ViewService extends Component {
  readonly membership = this.requires(Membership);
  readonly network = this.requires(Network);
  readonly networkStatus = this.requires(NetworkStatus);
  readonly timer = this.requires(Timer);

  readonly #followers: Followers;
  readonly #following: Gauge;
  #view: View | undefined;
  #suspected: readonly Address[] = [];
  #waitingFor = 'this node waits to be started';

  /** @throws {@link z.ZodError} if `init` is not what its schema says. */
  constructor(context: Context, init: ViewServiceInit = {}) {
    super(context);
    const { mostFollowers, followerOutageMs } = ViewServiceInit.parse(init);
    this.#followers = new Followers(mostFollowers);
    this.#following = context.gauge('gms.followers');

    this.network.upon(ViewRequest, ({ source, follow, known }) => {
      if (!follow) this.#forget(source);
      else if (!this.#followers.add(source)) context.counter('gms.followers.refused').add();
      this.#following.value = this.#followers.size;
      this.#tell(source, known);
    });

    this.membership.upon(Waiting, ({ waitingFor }) => {
      this.#waitingFor = waitingFor;
    });

    this.membership.upon(JoinRefused, ({ text }) => {
      this.#waitingFor = text;
    });

    this.membership.upon(NewView, ({ view }) => {
      this.#view = view;
      this.#tellFollowers();
    });

    this.membership.upon(SuspicionsChanged, ({ suspected }) => {
      this.#suspected = suspected;
      this.#tellFollowers();
    });

    this.networkStatus.upon(SessionLost, ({ peer }) => {
      this.#forget(peer);
    });

    this.networkStatus.upon(Disconnected, ({ peer }) => {
      const timeout = this.#followers.disconnected(peer);
      if (timeout) this.timer.next(new ScheduleTimeout(followerOutageMs, timeout));
    });

    this.networkStatus.upon(Connected, ({ peer }) => {
      this.#cancel(this.#followers.connected(peer));
    });

    this.timer.upon(FollowerGone, (timeout) => {
      if (this.#followers.isRunning(timeout)) this.#forget(timeout.client);
    });

    this.control.upon(Stop, () => {
      // The timer forgets its timeouts, and clients ask again after such a rest.
      for (const [client] of this.#followers.list()) this.#forget(client);
    });
  }

  #tell(client: Address, known: number): void {
    const suspected = [...this.#suspected];
    const view = this.#view;
    if (!view) {
      this.network.next(new NoView(client, { waitingFor: this.#waitingFor }));
      return;
    }
    const epoch = epochOf(view);
    this.network.next(
      epoch > known
        ? new ViewReply(client, { view, suspected })
        : new SuspicionsReply(client, { epoch, suspected }),
    );
    this.#followers.knows(client, Math.max(epoch, known));
  }

  #tellFollowers(): void {
    for (const [client, known] of this.#followers.list()) this.#tell(client, known);
  }

  #forget(client: Address): void {
    this.#cancel(this.#followers.delete(client));
    this.#following.value = this.#followers.size;
  }

  #cancel(timeout: FollowerGone | undefined): void {
    if (timeout) this.timer.next(new CancelTimeout(timeout));
  }
}
