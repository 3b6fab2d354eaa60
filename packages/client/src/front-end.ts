import { Component, Queue, Start, type Context, type Random } from '@jbstore/core';
import type { View } from '@jbstore/gms/port';
import { Network, type Address } from '@jbstore/network/port';
import {
  Cancel,
  Failed,
  Get,
  JBStore,
  KeyPage,
  NotFound,
  NotFoundReply,
  Ok,
  OkReply,
  Page,
  Put,
  RefusedReply,
  Scan,
  Value,
  ValueReply,
  type Failure,
} from '@jbstore/store/port';
import { Deadlines, SchedulePeriodicTimeout, Timeout, Timer } from '@jbstore/timer/port';
import type { z } from 'zod';

import { Call, mostPatience } from './call';
import { Flow } from './flow';
import { FrontEndInit } from './front-end-init';
import { flawOf } from './limits';
import { Members } from './members';
import {
  Cluster,
  Lost,
  NotReached,
  Reached,
  Refresh,
  SuspicionsLearned,
  ViewLearned,
} from './port';

class Tick extends Timeout {}

/**
 * Implements {@link JBStore} for users: takes each request to a member of the group that keeps its key.
 *
 * A get or a scan goes to a random member, and to another one as well when that is silent. A put goes
 * to one member that has answered before; to another one only when it was surely not performed, so it
 * is never performed twice. If it is not answered at all, its outcome is unknown.
 *
 * An answer belongs to the call whose number it bears, never to a key: a late one finds its call
 * gone. Two messages per request in the quiet case; state for each running call and each member.
 */
export class FrontEnd extends Component {
  readonly jb = this.provides(JBStore);
  readonly cluster = this.requires(Cluster);
  readonly network = this.requires(Network);
  readonly timer = this.requires(Timer);

  readonly #init: z.output<typeof FrontEndInit>;
  readonly #random: Random;
  readonly #members = new Members();
  readonly #calls = new Map<number, Call>();
  readonly #callOf = new Map<Put | Get | Scan, Call>();
  readonly #deadlines = new Deadlines<Call>();
  /** Calls that a member has and does not answer. */
  readonly #attempts = new Deadlines<Call>();
  /** Calls that no member has. */
  readonly #retries = new Deadlines<Call>();
  readonly #flow = new Flow();
  /** Calls that wait for room on the way, oldest first. */
  readonly #held = new Queue<Call>();
  #view: View | undefined;
  #waitingFor = 'no node has told the view yet';
  #lastId = 0;

  constructor(context: Context, init: FrontEndInit) {
    super(context);
    this.#init = FrontEndInit.parse(init);
    this.#random = context.random('members');

    this.#handleTime();
    this.#handleRequests();
    this.#handleAnswers();
    this.#handleCluster();
  }

  #handleTime(): void {
    const { tickMs } = this.#init;

    this.control.upon(Start, () => {
      this.timer.next(new SchedulePeriodicTimeout(tickMs, new Tick()));
    });

    this.timer.upon(Tick, ({ lateMs }) => {
      for (const call of this.#deadlines.tick(tickMs, lateMs)) this.#expire(call);
      for (const call of this.#attempts.tick(tickMs, lateMs)) this.#askAnother(call);
      for (const call of this.#retries.tick(tickMs, lateMs)) this.#dispatch(call);
    });
  }

  #handleRequests(): void {
    for (const kind of [Put, Get, Scan]) {
      this.jb.upon<Put | Get | Scan>(kind, (request) => {
        this.#begin(request);
      });
    }

    this.jb.upon(Cancel, ({ request }) => {
      const call = this.#callOf.get(request);
      if (call) this.#end(call);
    });
  }

  #handleAnswers(): void {
    this.network.upon(OkReply, ({ source, id }) => {
      const request = this.#answered(source, id, Put);
      if (request) this.jb.next(new Ok(request));
    });

    this.network.upon(ValueReply, ({ source, id, value }) => {
      const request = this.#answered(source, id, Get);
      this.#flow.learn(value.length);
      if (request) this.jb.next(new Value(request, value));
    });

    this.network.upon(NotFoundReply, ({ source, id }) => {
      const request = this.#answered(source, id, Get);
      this.#flow.learn(0);
      if (request) this.jb.next(new NotFound(request));
    });

    this.network.upon(KeyPage, ({ source, id, keys, next }) => {
      const request = this.#answered(source, id, Scan);
      if (request) this.jb.next(new Page(request, keys, next ?? undefined));
    });

    this.network.upon(RefusedReply, ({ source, id, code, text }) => {
      this.#members.hear(source, this.#deadlines.nowMs);
      const call = this.#calls.get(id);
      if (!call) return;
      if (code === 'key size' || code === 'value size') this.#fail(call, code, text);
      else if (code === 'outcome unknown' && !call.repeatable) this.#fail(call, code, text);
      else this.#refused(call, source, text);
      if (code === 'wrong node' || code === 'no view') this.cluster.next(new Refresh(source));
    });
  }

  #handleCluster(): void {
    this.cluster.upon(ViewLearned, ({ view }) => {
      this.#view = view;
      this.#retryNow();
    });

    this.cluster.upon(SuspicionsLearned, ({ suspicions }) => {
      this.#members.suspect(suspicions);
    });

    this.cluster.upon(Reached, ({ process }) => {
      this.#members.reach(process);
      this.#retryNow();
    });

    this.cluster.upon(Lost, ({ process }) => {
      this.#members.lose(process);
    });

    this.cluster.upon(NotReached, ({ contact, reason }) => {
      this.#waitingFor = `${contact}: ${reason}`;
    });
  }

  #begin(request: Put | Get | Scan): void {
    const flaw = flawOf(request, this.#calls.size, this.#init.mostCalls);
    if (flaw) {
      this.jb.next(new Failed(request, flaw.failure, flaw.text));
      return;
    }
    const timeoutMs = request.options.timeoutMs ?? this.#init.timeoutMs;
    const call = new Call(++this.#lastId, request, this.#deadlines.nowMs + timeoutMs);
    this.#calls.set(call.id, call);
    this.#callOf.set(request, call);
    this.#deadlines.add(call, timeoutMs);
    this.#dispatch(call);
  }

  #dispatch(call: Call): void {
    const member = this.#choose(call);
    if (member === undefined) {
      this.#retryLater(call);
      return;
    }
    if (!this.#flow.take(call, member)) {
      this.#held.push(call);
      return;
    }
    call.askedMember = member;
    call.askedMs = this.#deadlines.nowMs;
    call.asked.add(member);
    this.#attempts.add(call, this.#init.attemptMs);
    this.network.next(call.message(member, call.dueMs - this.#deadlines.nowMs));
  }

  /** A member worth asking; undefined if there is none for now. */
  #choose(call: Call): Address | undefined {
    if (!this.#view) {
      call.reason = this.#waitingFor;
      return undefined;
    }
    const group = call.candidates(this.#view);
    const member = this.#members.choose(group, call, this.#random);
    if (member === undefined && call.failures === 0) {
      call.reason = `none of ${group.join(', ')} answers`;
    }
    return member;
  }

  #retryLater(call: Call): void {
    this.#retries.add(call, this.#init.retryMs * 2 ** Math.min(4, call.failures));
  }

  /** Something came back: calls that were held back go, as far as there is room now. */
  #sendHeld(): void {
    for (let waiting = this.#held.length; waiting > 0; waiting -= 1) {
      const call = this.#held.shift();
      if (call && this.#calls.has(call.id)) this.#dispatch(call);
      if (this.#held.length >= waiting) return;
    }
  }

  /** Something has changed for the better: calls that wait for a member need not wait longer. */
  #retryNow(): void {
    for (const call of [...this.#retries.items()]) {
      this.#retries.delete(call);
      this.#dispatch(call);
    }
  }

  /**
   * A member takes its time. One that answers others is only slow, and to ask another one as well
   * would make all slower; so this is done late, and sooner only when the member is silent.
   */
  #askAnother(call: Call): void {
    const member = call.askedMember;
    if (member === undefined) return;
    call.reason = `${member} does not answer`;
    if (this.#members.wasHeardSince(member, call.askedMs) && call.patience < mostPatience) {
      call.askedMs = this.#deadlines.nowMs;
      call.patience += 1;
      this.#attempts.add(call, this.#init.attemptMs * 2 ** call.patience);
      return;
    }
    call.patience = 0;
    if (!this.#members.wasHeardSince(member, call.askedMs) && this.#members.silence(member)) {
      this.cluster.next(new Refresh(member));
    }
    if (call.repeatable) this.#dispatch(call);
  }

  #refused(call: Call, member: Address, text: string): void {
    call.reason = text;
    if (call.askedMember !== member) return;
    call.askedMember = undefined;
    call.failures += 1;
    this.#flow.release(call);
    this.#attempts.delete(call);
    this.#retryLater(call);
  }

  #expire(call: Call): void {
    const unknown = !call.repeatable && call.askedMember !== undefined;
    this.#fail(call, unknown ? 'outcome unknown' : 'unavailable', call.reason);
  }

  #fail(call: Call, failure: Failure, text: string): void {
    this.#end(call);
    this.jb.next(new Failed(call.request, failure, text));
  }

  #answered<R extends Put | Get | Scan>(
    member: Address,
    id: number,
    kind: abstract new (...fields: never[]) => R,
  ): R | undefined {
    this.#members.hear(member, this.#deadlines.nowMs);
    const call = this.#calls.get(id);
    if (!call || !(call.request instanceof kind)) return undefined;
    this.#end(call);
    return call.request;
  }

  #end(call: Call): void {
    this.#calls.delete(call.id);
    this.#callOf.delete(call.request);
    this.#deadlines.delete(call);
    this.#attempts.delete(call);
    this.#retries.delete(call);
    this.#flow.release(call);
    this.#sendHeld();
  }
}
