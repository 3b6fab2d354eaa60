import { Component, type Context, type Random } from '@jbstore/core';
import type { View } from '@jbstore/gms/port';
import { Network, type Address, type Message } from '@jbstore/network/port';
import {
  Cancel,
  Cas,
  Delete,
  Failed,
  Get,
  GlancedMessage,
  Increment,
  JBStore,
  OpenReply,
  Put,
  RefusedReply,
  Scan,
  type Failure,
} from '@jbstore/store/port';
import { Beat, Timeout, Timer } from '@jbstore/timer/port';
import type { z } from 'zod';

import { answerOf, answerOfGlance, replies, type Answer, type Reply } from './answers';
import { mostPatience, type Call } from './call';
import { Calls } from './calls';
import { Flow } from './flow';
import { FrontEndInit } from './front-end-init';
import { flawOf, unsupportedBy } from './limits';
import { Members } from './members';
import { Cluster, Lost, NotReached, Reached, Refresh, ViewLearned } from './port';
import { Ticketing } from './ticketing';

class CallsDue extends Timeout {}

/**
 * Implements {@link JBStore} for users: takes each request to a member that performs it, or has it performed.
 *
 * With exactly-once registers every request goes to one member after the other until one answers, as it
 * may be performed any number of times: a mutation has a number in a session, by which registers know it again. It
 * goes to the lead of its key first, then round the group, then to any member.
 *
 * With other registers a put goes to one member that has answered before; to another one only when it was surely
 * not performed, so it is never performed twice. If it is not answered at all, its outcome is unknown.
 *
 * A get of an exactly-once register is a glance at a majority of its group first. Other gets, and scans, go
 * to a random member of the group, and to another one as well when that is silent.
 *
 * An answer belongs to the call whose number it bears, never to a key: a late one finds its call gone. Messages in
 * the quiet case: two per request, and as many for each member of a glance. State for each running call and member.
 */
export class FrontEnd extends Component {
  readonly jb = this.provides(JBStore);
  readonly cluster = this.requires(Cluster);
  readonly network = this.requires(Network);
  readonly timer = this.requires(Timer);

  readonly #init: z.output<typeof FrontEndInit>;
  readonly #random: Random;
  readonly #calls = new Calls();
  readonly #members = new Members(this.cluster);
  readonly #flow = new Flow(this.network);
  readonly #ticketing: Ticketing;
  readonly #beat: Beat;
  #view: View | undefined;
  #waitingFor = 'no node has told the view yet';

  constructor(context: Context, init: FrontEndInit) {
    super(context);
    this.#init = FrontEndInit.parse(init);
    this.#random = context.random('members');
    this.#ticketing = new Ticketing({
      owner: this,
      calls: this.#calls,
      random: context.random('sessions'),
      askMs: this.#init.attemptMs,
    });

    this.#beat = this.#beatOfCalls();
    this.#handleRequests();
    this.#handleAnswers();
    this.#handleCluster();
  }

  #beatOfCalls(): Beat {
    const { tickMs } = this.#init;
    const { deadlines, attempts, retries } = this.#calls;

    const pass = (lateMs: number): void => {
      for (const call of deadlines.tick(tickMs, lateMs)) this.#expire(call);
      for (const call of attempts.tick(tickMs, lateMs)) this.#askAnother(call);
      for (const call of retries.tick(tickMs, lateMs)) this.#dispatch(call);
    };
    return new Beat(this, CallsDue, tickMs, () => this.#calls.size > 0, pass);
  }

  #handleRequests(): void {
    for (const kind of [Put, Delete, Cas, Increment, Get, Scan]) {
      this.jb.upon<Call['request']>(kind, (request) => {
        this.#begin(request);
      });
    }

    this.jb.upon(Cancel, ({ request }) => {
      const call = this.#calls.of(request);
      if (call) this.#end(call);
    });
  }

  #handleAnswers(): void {
    for (const kind of replies) {
      this.network.upon<Reply>(kind, (reply) => {
        this.#hear(reply);
        const call = this.#calls.get(reply.id);
        const answer = call && answerOf(call, reply);
        if (!answer) return;
        this.#ticketing.answered(call);
        this.#answer(call, answer);
      });
    }

    this.network.upon(GlancedMessage, (glanced) => {
      this.#hear(glanced);
      const call = this.#calls.get(glanced.phase);
      if (!call?.glance) return;
      const read = call.glance.hear(glanced);
      if (read === 'nothing') this.#dispatch(call);
      else if (read) this.#answer(call, answerOfGlance(call, read));
      else call.askedMember = call.glance.awaited;
    });

    this.network.upon(RefusedReply, ({ source, id, code, text, generationFloor }) => {
      this.#members.hear(source, this.#calls.nowMs);
      const call = this.#calls.get(id);
      if (!call) return;
      if (code === 'wrong node' || code === 'no view') this.cluster.next(new Refresh(source));
      const isFinal = code === 'key size' || code === 'value size';
      if (isFinal || (code === 'outcome unknown' && !call.repeatable)) {
        this.#fail(call, code, text);
      } else if (code === 'session expired') {
        this.#ticketing.expire(call, generationFloor ?? 0);
        this.#fail(call, 'outcome unknown', text);
      } else {
        this.#refused(call, source, text);
      }
    });
  }

  #hear({ source, era }: Message & { readonly era: number }): void {
    this.#members.hear(source, this.#calls.nowMs);
    if (era > (this.#view?.era ?? 0)) this.cluster.next(new Refresh(source));
  }

  #handleCluster(): void {
    this.cluster.upon(ViewLearned, ({ view }) => {
      this.#view = view;
      this.#retryNow();
    });

    this.cluster.upon(Reached, () => {
      this.#retryNow();
    });

    this.network.upon(OpenReply, () => {
      this.#retryNow();
    });

    this.cluster.upon(Lost, ({ process }) => {
      for (const call of this.#calls.attempts.items()) {
        if (call.waitsFor(process)) this.#dispatch(call);
      }
    });

    this.cluster.upon(NotReached, ({ contact, reason }) => {
      this.#waitingFor = `${contact}: ${reason}`;
    });
  }

  #begin(request: Call['request']): void {
    const flaw = flawOf(request, this.#calls.size, this.#init.mostCalls);
    if (flaw) {
      this.jb.next(new Failed(request, flaw.failure, flaw.text));
      return;
    }
    const call = this.#calls.begin(request, request.options.timeoutMs ?? this.#init.timeoutMs);
    this.#beat.wake();
    this.#dispatch(call);
  }

  #dispatch(call: Call): void {
    const view = this.#view;
    if (!view) {
      call.reason = this.#waitingFor;
      this.#retryLater(call);
      return;
    }
    if (!this.#prepare(call, view)) return;
    if (this.#init.glances) call.begin(this.#members.glance(call, view, this.#random));
    const member = call.glance?.awaited ?? this.#members.choose(call, view, this.#random);
    if (member === undefined) {
      if (call.failures === 0) call.reason = `none of ${call.candidates(view).join(', ')} answers`;
      this.#retryLater(call);
      return;
    }
    if (!this.#flow.take(call, member)) return;
    call.sendTo(member);
    this.#calls.waitFor(call, this.#init.attemptMs * call.weight);
    for (const message of call.messages(member, call.dueMs - this.#calls.nowMs)) {
      this.network.next(message);
    }
  }

  /** Sees to it that a mutation may be sent. Returns false if it may not, or not yet. */
  #prepare(call: Call, view: View): boolean {
    const { mutation } = call;
    if (!mutation || call.ticket) return true;
    if (view.register !== 'exactly-once') {
      if (mutation instanceof Put) return true;
      this.#fail(call, 'unsupported', unsupportedBy(view.register, mutation.type.toLowerCase()));
      return false;
    }
    const given = this.#ticketing.give(call);
    if (given === 'waits') call.reason = 'other requests of its key are not answered yet';
    if (given === 'no session') {
      call.reason = 'no node has opened a session yet';
      this.#retryLater(call);
    }
    return given === 'given';
  }

  #retryLater(call: Call): void {
    const { retries } = this.#calls;
    const delayMs = this.#init.retryMs * 2 ** Math.min(4, call.failures);
    call.retry = retries.add(call, delayMs, call.retry);
  }

  /** Something has changed for the better: calls that wait for a member need not wait longer. */
  #retryNow(): void {
    for (const call of this.#calls.retries.items()) {
      this.#calls.retries.delete(call.retry);
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
    const answersOthers = this.#members.wasHeardSince(member, call.askedMs);
    if (answersOthers && call.patience < mostPatience) {
      call.patience += 1;
      this.#calls.waitFor(call, this.#init.attemptMs * 2 ** call.patience);
      return;
    }
    call.patience = 0;
    if (!answersOthers && this.#members.silence(member)) this.cluster.next(new Refresh(member));
    if (call.repeatable) this.#dispatch(call);
  }

  #refused(call: Call, member: Address, text: string): void {
    call.reason = text;
    if (call.askedMember !== member) return;
    call.askedMember = undefined;
    call.failures += 1;
    this.#flow.release(call);
    this.#calls.attempts.delete(call.attempt);
    this.#retryLater(call);
  }

  /** Its time is over: it may have been performed if it was sent; without a ticket, if nobody refused it. */
  #expire(call: Call): void {
    const { mutation, ticket, wasSent, askedMember } = call;
    const unknown = mutation && (ticket ? wasSent : askedMember !== undefined);
    this.#fail(call, unknown ? 'outcome unknown' : 'unavailable', call.reason);
  }

  #answer(call: Call, answer: Answer): void {
    this.#end(call);
    this.jb.next(answer);
  }

  #fail(call: Call, failure: Failure, text: string): void {
    this.#answer(call, new Failed(call.request, failure, text));
  }

  #end(call: Call): void {
    this.#calls.end(call);
    this.#flow.release(call);
    this.#ticketing.giveUp(call);
    const next = this.#ticketing.next(call);
    if (next) this.#dispatch(next);
    this.#flow.resume((held) => {
      if (this.#calls.has(held)) this.#dispatch(held);
    });
  }
}
