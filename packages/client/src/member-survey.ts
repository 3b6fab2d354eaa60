import { Component, Start, type Context } from '@jbstore/core';
import { ProgressReply, ProgressRequest } from '@jbstore/gms/port';
import { Network, type Address } from '@jbstore/network/port';
import { StatusReply, StatusRequest } from '@jbstore/store/port';
import {
  Deadlines,
  SchedulePeriodicTimeout,
  Timeout,
  Timer,
  type Deadline,
} from '@jbstore/timer/port';

import {
  Cluster,
  Survey,
  Surveyed,
  Surveying,
  ViewLearned,
  type Holding,
  type Progress,
} from './port';

/** A survey that is under way. */
interface Running {
  readonly id: number;
  readonly survey: Survey;
  readonly holdings: Map<Address, Holding>;
  /** Who has said how far it is with changes. */
  readonly asked: Set<Address>;
  progress: Progress | undefined;
  deadline?: Deadline<Running>;
}

class Tick extends Timeout {}

/** How often deadlines are looked at. */
const tickMs = 20;

/** Asks every member of the view what it holds and knows, once per survey, and waits for all or for its time. */
export class MemberSurvey extends Component {
  readonly surveying = this.provides(Surveying);
  readonly cluster = this.requires(Cluster);
  readonly network = this.requires(Network);
  readonly timer = this.requires(Timer);

  readonly #running = new Map<number, Running>();
  readonly #deadlines = new Deadlines<Running>();
  #members: readonly Address[] = [];
  #lastId = 0;

  constructor(context: Context) {
    super(context);

    this.control.upon(Start, () => {
      this.timer.next(new SchedulePeriodicTimeout(tickMs, new Tick()));
    });

    this.cluster.upon(ViewLearned, ({ view }) => {
      this.#members = view.members.map(({ address }) => address);
    });

    this.surveying.upon(Survey, (survey) => {
      const id = ++this.#lastId;
      const [holdings, asked] = [new Map<Address, Holding>(), new Set<Address>()];
      const running: Running = { id, survey, holdings, asked, progress: undefined };
      this.#running.set(id, running);
      running.deadline = this.#deadlines.add(running, survey.timeoutMs);
      for (const member of this.#members) {
        this.network.next(new StatusRequest(member, { id }));
        this.network.next(new ProgressRequest(member, { id }));
      }
    });

    this.network.upon(StatusReply, ({ source, id, registers, bytes }) => {
      const running = this.#running.get(id);
      if (!running) return;
      running.holdings.set(source, { registers, bytes });
      this.#endIfAll(running);
    });

    this.network.upon(ProgressReply, ({ source, id, unsettled }) => {
      const running = this.#running.get(id);
      if (!running) return;
      running.asked.add(source);
      if (unsettled !== null) running.progress = { leader: source, unsettled };
      this.#endIfAll(running);
    });

    this.timer.upon(Tick, ({ lateMs }) => {
      for (const running of this.#deadlines.tick(tickMs, lateMs)) this.#end(running);
    });
  }

  #endIfAll(running: Running): void {
    const { length } = this.#members;
    if (running.holdings.size === length && running.asked.size === length) this.#end(running);
  }

  #end({ id, survey, holdings, progress }: Running): void {
    this.#deadlines.delete(this.#running.get(id)?.deadline);
    this.#running.delete(id);
    this.surveying.next(new Surveyed(survey, holdings, progress));
  }
}
