import { Component, Start, type Context } from '@jbstore/core';
import { ChangeReply, ChangeRequest } from '@jbstore/gms/port';
import { Network, type Address } from '@jbstore/network/port';
import {
  Deadlines,
  SchedulePeriodicTimeout,
  Timeout,
  Timer,
  type Deadline,
} from '@jbstore/timer/port';

import { Administration, AskChange, ChangeAnswered, Cluster, ViewLearned } from './port';

/** A change that was asked for and not answered. */
interface Asking {
  readonly id: number;
  readonly ask: AskChange;
  /** How often it was sent. */
  attempts: number;
  /** What was heard last. */
  text: string;
  deadline?: Deadline<Asking>;
}

class AskAgain extends Timeout {}

/** How often another member is asked. */
const askMs = 250;

/**
 * Asks one member after the other for a change, each of which passes it on to the leader, until that has said
 * whether it does it, or the time is over.
 */
export class Administrator extends Component {
  readonly administration = this.provides(Administration);
  readonly cluster = this.requires(Cluster);
  readonly network = this.requires(Network);
  readonly timer = this.requires(Timer);

  readonly #asking = new Map<number, Asking>();
  readonly #deadlines = new Deadlines<Asking>();
  #members: readonly Address[] = [];
  #lastId = 0;

  constructor(context: Context) {
    super(context);

    this.control.upon(Start, () => {
      this.timer.next(new SchedulePeriodicTimeout(askMs, new AskAgain()));
    });

    this.cluster.upon(ViewLearned, ({ view }) => {
      const able = view.members.filter(({ state }) => state !== 'evicted');
      this.#members = able.map(({ address }) => address);
    });

    this.administration.upon(AskChange, (ask) => {
      const text = 'no member has answered';
      const asking: Asking = { id: ++this.#lastId, ask, attempts: 0, text };
      this.#asking.set(asking.id, asking);
      asking.deadline = this.#deadlines.add(asking, ask.timeoutMs);
      this.#send(asking);
    });

    this.timer.upon(AskAgain, ({ lateMs }) => {
      for (const asking of this.#deadlines.tick(askMs, lateMs)) {
        this.#answer(asking, new ChangeAnswered(asking.ask, 'not now', asking.text));
      }
      for (const asking of this.#asking.values()) this.#send(asking);
    });

    this.network.upon(ChangeReply, ({ id, verdict, text }) => {
      const asking = this.#asking.get(id);
      if (!asking) return;
      asking.text = text;
      if (verdict !== 'not now') {
        this.#answer(asking, new ChangeAnswered(asking.ask, verdict, text));
      }
    });
  }

  #send(asking: Asking): void {
    const { id, ask, attempts } = asking;
    const member = this.#members[attempts % this.#members.length];
    asking.attempts += 1;
    if (member === undefined) return;
    this.network.next(new ChangeRequest(member, { id, client: null, change: ask.change }));
  }

  #answer(asking: Asking, answer: ChangeAnswered): void {
    this.#asking.delete(asking.id);
    this.#deadlines.delete(asking.deadline);
    this.administration.next(answer);
  }
}
