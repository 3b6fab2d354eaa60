import { Component, NumberMap, type Context, type Counter } from '@jbstore/core';
import { Membership, SuspicionsChanged } from '@jbstore/gms/port';
import { Address, Network } from '@jbstore/network/port';
import {
  Abandon,
  MutateReturn,
  ReadReturn,
  Refused,
  RewritableRegister,
} from '@jbstore/slot-register/port';
import { Beat, Deadlines, Timeout, Timer } from '@jbstore/timer/port';
import { z } from 'zod';

import { Admission, type Refusal } from './admission';
import { registerName } from './register-name';
import { Errand, ServedMutate, ServedRead, type Asked, type Performed } from './errand';
import { flawOfKey, flawOfValue } from './limits';
import { Capacity } from './capacity';
import {
  ForwardedGet,
  ForwardedMutate,
  GetRequest,
  MutateRequest,
  MutatedReply,
  NotFoundReply,
  RefusalCode,
  RefusedReply,
  ValueReply,
} from './messages';

export const ExactlyOnceStoreInit = z.object({
  self: Address,
  /** How often deadlines are looked at. */
  tickMs: z.number().positive().default(20),
  /**
   * How long another node may take to perform a request before something else is tried as well: longer than a node
   * that is only busy, as to perform a request twice at a time is more work. A dead one is suspected before.
   */
  forwardMs: z.number().positive().default(2_000),
  /** How long to wait after another node, or the register here, has refused a request. */
  retryMs: z.number().positive().default(25),
  /** The most requests performed at one time; more are refused. */
  mostRunning: z.int().positive().default(100_000),
  /** The most bytes of values that are being put at one time: all wait in the sessions with others. */
  mostPutBytes: z
    .int()
    .positive()
    .default(24 * 1024 * 1024),
});
export type ExactlyOnceStoreInit = z.input<typeof ExactlyOnceStoreInit>;

class ErrandsDue extends Timeout {}

/** More than the process ids of all lives: the numbers of errands begin at one of these. */
const firstErrands = 2 ** 48;

/**
 * The nodes' part of JBStore over registers that perform each request exactly once: takes the mutations and gets
 * of front ends, and has them performed by a node that keeps the key.
 *
 * A mutation is performed by the lead of the key's slot, or else by the first of its group that is not suspected
 * here: several at once would hinder one another. Another node to which it is handed on has a while for it; then
 * this one performs it as well if it keeps the key, or asks the next. A get is performed by any that keeps the
 * key. Who performs a request, and how often, is a matter of speed: that it takes effect once is promised by
 * the register.
 *
 * Uses a rewritable register, the membership, the network and a timer. Two messages per request besides those of
 * the register, four if it is handed on; keeps no state per key.
 */
export class ExactlyOnceStore extends Component {
  readonly network = this.requires(Network);
  readonly register = this.requires(RewritableRegister);
  readonly membership = this.requires(Membership);
  readonly timer = this.requires(Timer);

  readonly #init: z.output<typeof ExactlyOnceStoreInit>;
  readonly #admission: Admission;
  readonly #capacity: Capacity;
  readonly #errands = new NumberMap<Errand>();
  readonly #deadlines = new Deadlines<Errand>();
  /** Errands that another node has for too long, or that wait for another try. */
  readonly #retries = new Deadlines<Errand>();
  readonly #forwards: Counter;
  readonly #beat: Beat;
  readonly #refusals = new Map<RefusalCode, Counter>();
  #nextId: number;

  constructor(context: Context, init: ExactlyOnceStoreInit) {
    super(context);
    this.#init = ExactlyOnceStoreInit.parse(init);
    this.#admission = new Admission(this.#init.self, this.membership);
    this.#capacity = new Capacity(context.gauge('store.running'), this.#init);
    this.#forwards = context.counter('store.forwards');
    this.#nextId = context.random('errands').int(firstErrands);
    for (const code of RefusalCode.options) {
      this.#refusals.set(code, context.counter('store.refusals', { code }));
    }

    this.#beat = this.#beatOfErrands(this.#init);
    this.#handleSuspicions();
    this.#handleRequests(context);
    this.#handleRegister();
    this.#handleForwards();
  }

  #beatOfErrands({ tickMs }: z.output<typeof ExactlyOnceStoreInit>): Beat {
    const pass = (lateMs: number): void => {
      for (const errand of this.#deadlines.tick(tickMs, lateMs)) this.#expire(errand);
      for (const errand of this.#retries.tick(tickMs, lateMs)) this.#proceed(errand);
    };
    return new Beat(this, ErrandsDue, tickMs, () => this.#errands.size > 0, pass);
  }

  #handleSuspicions(): void {
    this.membership.upon(SuspicionsChanged, ({ suspected }) => {
      for (const errand of this.#retries.items()) {
        if (errand.askedMember && suspected.includes(errand.askedMember)) this.#proceed(errand);
      }
    });
  }

  #handleRequests(context: Context): void {
    const served = {
      mutate: context.counter('store.requests', { type: 'mutate' }),
      get: context.counter('store.requests', { type: 'get' }),
    };

    for (const kind of [MutateRequest, ForwardedMutate]) {
      this.network.upon<MutateRequest | ForwardedMutate>(kind, (request) => {
        served.mutate.add();
        const { operation } = request;
        const flaw = 'value' in operation ? flawOfValue(operation.value) : undefined;
        if (flaw === undefined) this.#begin(request);
        else this.#refuse(request, { code: 'value size', text: flaw });
      });
    }

    for (const kind of [GetRequest, ForwardedGet]) {
      this.network.upon<GetRequest | ForwardedGet>(kind, (request) => {
        served.get.add();
        this.#begin(request);
      });
    }
  }

  #handleRegister(): void {
    this.register.upon(MutateReturn, ({ mutate, outcome, era }) => {
      if (!(mutate instanceof ServedMutate) || !this.#done(mutate)) return;
      const { source, id } = mutate.errand.request;
      this.network.next(new MutatedReply(source, { id, outcome, era }));
    });

    this.register.upon(ReadReturn, ({ read, value, version, era }) => {
      if (!(read instanceof ServedRead) || !this.#done(read)) return;
      const { source, id } = read.errand.request;
      if (value) this.network.next(new ValueReply(source, { id, value, version, era }));
      else this.network.next(new NotFoundReply(source, { id, era }));
    });

    this.register.upon(Refused, ({ request, reason, text, generationFloor }) => {
      if (!(request instanceof ServedMutate || request instanceof ServedRead)) return;
      const { errand } = request;
      if (errand.served !== request) return;
      errand.served = undefined;
      switch (reason) {
        case 'session expired':
          this.#giveUp(errand, { code: reason, text, generationFloor });
          return;
        case 'superseded':
          this.#end(errand);
          return;
        case 'not executed':
        case 'outcome unknown':
          this.#giveUp(errand, this.#unanswered(errand, reason === 'outcome unknown'));
          return;
        case 'no view':
        case 'wrong node':
          if (errand.wasForwarded) this.#giveUp(errand, { code: reason, text });
          else this.#retryAfter(errand, this.#init.retryMs);
      }
    });
  }

  /** What other nodes answer to that which they were asked in the place of a front end. */
  #handleForwards(): void {
    for (const kind of [MutatedReply, ValueReply, NotFoundReply]) {
      this.network.upon<Performed>(kind, (reply) => {
        const errand = this.#errands.get(reply.id);
        const answer = errand?.relay(reply);
        if (!errand || !answer) return;
        this.#end(errand);
        this.network.next(answer);
      });
    }

    this.network.upon(RefusedReply, ({ source, id, code, text, generationFloor }) => {
      const errand = this.#errands.get(id);
      if (!errand) return;
      if (code === 'session expired') {
        this.#giveUp(errand, { code, text, generationFloor });
      } else if (errand.askedMember === source) {
        errand.askedMember = undefined;
        this.#retryAfter(errand, this.#init.retryMs);
      }
    });
  }

  #begin(request: Asked): void {
    const flaw = flawOfKey(request.key);
    if (flaw !== undefined) {
      this.#refuse(request, { code: 'key size', text: flaw });
      return;
    }
    const dueMs = this.#deadlines.nowMs + request.timeoutMs;
    const errand = new Errand((this.#nextId += 1), request, registerName(request.key), dueMs);
    const admitted = this.#admission.anywhere(errand.register);
    const refusal = 'code' in admitted ? admitted : this.#capacity.refuses(errand.bytes);
    if (refusal) {
      this.#refuse(request, refusal);
      return;
    }
    this.#errands.set(errand.id, errand);
    errand.deadline = this.#deadlines.add(errand, request.timeoutMs);
    this.#beat.wake();
    this.#capacity.begin(errand.bytes);
    this.#proceed(errand);
  }

  /** Has it performed, by whoever comes first; by this node too, once another one has not. */
  #proceed(errand: Errand): void {
    this.#retries.delete(errand.retry);
    if (errand.served) return;
    const order = this.#admission.coordinators(errand.register);
    const { self, forwardMs } = this.#init;
    const isPreferred = order[0] === self || !errand.mutation;
    if (order.includes(self) && (isPreferred || errand.wasForwarded || errand.tried.length > 0)) {
      this.register.next(errand.serve());
      return;
    }
    if (errand.wasForwarded) {
      const text = 'this node does not keep that key any more, or not yet';
      this.#giveUp(errand, { code: 'wrong node', text });
      return;
    }
    const fresh = order.filter((member) => !errand.tried.includes(member));
    if (fresh.length === 0) errand.tried.length = 0;
    const [member] = fresh.length > 0 ? fresh : order;
    if (member === undefined) return;
    this.#forwards.add();
    const remainingMs = Math.max(1, Math.floor(errand.dueMs - this.#deadlines.nowMs));
    this.network.next(errand.forward(member, remainingMs));
    this.#retryAfter(errand, forwardMs);
  }

  #retryAfter(errand: Errand, ms: number): void {
    errand.retry = this.#retries.add(errand, ms, errand.retry);
  }

  /** Its time is over. What the register has is taken back first: it can say what became of it. */
  #expire(errand: Errand): void {
    if (errand.served) this.register.next(new Abandon(errand.served));
    else this.#giveUp(errand, this.#unanswered(errand, false));
  }

  #unanswered({ mutation, tried, register, request }: Errand, started: boolean): Refusal {
    const code = mutation && (started || tried.length > 0) ? 'outcome unknown' : 'unavailable';
    const group = this.#admission.coordinators(register).join(', ');
    const withinMs = String(request.timeoutMs);
    return { code, text: `no majority of ${group} answered within ${withinMs} ms` };
  }

  /** The register has answered. Returns false if somebody else had before. */
  #done(served: ServedMutate | ServedRead): boolean {
    served.errand.served = undefined;
    return this.#end(served.errand);
  }

  #giveUp(errand: Errand, refusal: Refusal): void {
    if (this.#end(errand)) this.#refuse(errand.request, refusal);
  }

  /** Returns false if it is over already. */
  #end(errand: Errand): boolean {
    if (!this.#errands.delete(errand.id)) return false;
    this.#deadlines.delete(errand.deadline);
    this.#retries.delete(errand.retry);
    this.#capacity.end(errand.bytes);
    if (errand.served) this.register.next(new Abandon(errand.served));
    return true;
  }

  #refuse({ source, id }: Asked, { code, text, generationFloor }: Refusal): void {
    this.#refusals.get(code)?.add();
    this.network.next(new RefusedReply(source, { id, code, text, generationFloor }));
  }
}
