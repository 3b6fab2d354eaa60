import { Component, Start, type Context, type Counter } from '@jbstore/core';
import { Membership, NewView } from '@jbstore/gms/port';
import { Address, Network } from '@jbstore/network/port';
import {
  Abandon,
  Abandoned,
  Admit,
  AtomicRegister,
  Read,
  ReadReturn,
  Write,
  WriteReturn,
} from '@jbstore/register/port';
import {
  Deadlines,
  SchedulePeriodicTimeout,
  Timeout,
  Timer,
  type Deadline,
} from '@jbstore/timer/port';
import { z } from 'zod';

import { Admission, type Admitted, type Refusal } from './admission';
import { Capacity } from './capacity';
import {
  GetRequest,
  NotFoundReply,
  OkReply,
  PutRequest,
  RefusalCode,
  RefusedReply,
  ValueReply,
} from './messages';

export const KeyValueStoreInit = z.object({
  self: Address,
  /** How often the deadlines of running requests are looked at. */
  tickMs: z.number().positive().default(20),
  /** The most requests performed at one time; more are refused. */
  mostRunning: z.int().positive().default(100_000),
  /** The most bytes of values that are being put at one time: all wait in the sessions with others. */
  mostPutBytes: z
    .int()
    .positive()
    .default(24 * 1024 * 1024),
});
export type KeyValueStoreInit = z.input<typeof KeyValueStoreInit>;

class ServedWrite extends Write {
  deadline: Deadline<Served> | undefined;

  constructor(
    readonly request: PutRequest,
    { name, group }: Admitted,
  ) {
    super(name, request.value, group);
  }

  get putBytes(): number {
    return this.value.length;
  }
}

class ServedRead extends Read {
  deadline: Deadline<Served> | undefined;

  constructor(
    readonly request: GetRequest,
    { name, group }: Admitted,
  ) {
    super(name, group);
  }

  readonly putBytes = 0;
}

type Served = ServedWrite | ServedRead;

class Tick extends Timeout {}

/**
 * The nodes' part of JBStore: performs the puts and gets of front ends on the registers that this
 * node keeps, one register per key, as the coordinator of the key's group.
 *
 * A request is performed by one operation on one register, which is atomic; so the store is
 * linearizable because each register is (linearizability is local: Herlihy and Wing 1990, Theorem 1).
 * What is not performed is refused with a reason: here is no view yet, here is the wrong node, no
 * majority answers. A request that is not done within its time is abandoned, and the refusal says
 * whether it may take effect yet.
 *
 * Uses an atomic register, the membership, the network and a timer. Two messages per request besides
 * those of the register; keeps no state per key.
 */
export class KeyValueStore extends Component {
  readonly network = this.requires(Network);
  readonly register = this.requires(AtomicRegister);
  readonly membership = this.requires(Membership);
  readonly timer = this.requires(Timer);

  readonly #admission: Admission;
  readonly #deadlines = new Deadlines<Served>();
  readonly #capacity: Capacity;
  readonly #served: { readonly put: Counter; readonly get: Counter };
  readonly #refusals = new Map<RefusalCode, Counter>();

  constructor(context: Context, init: KeyValueStoreInit) {
    super(context);
    const { self, tickMs, ...limits } = KeyValueStoreInit.parse(init);
    this.#admission = new Admission(self, this.membership);
    this.#capacity = new Capacity(context.gauge('store.running'), limits);
    this.#served = {
      put: context.counter('store.requests', { type: 'put' }),
      get: context.counter('store.requests', { type: 'get' }),
    };
    for (const code of RefusalCode.options) {
      this.#refusals.set(code, context.counter('store.refusals', { code }));
    }

    this.control.upon(Start, () => {
      this.#admitMembers();
      this.timer.next(new SchedulePeriodicTimeout(tickMs, new Tick()));
    });

    this.membership.upon(NewView, () => {
      this.#admitMembers();
    });

    this.network.upon(PutRequest, (request) => {
      this.#served.put.add();
      const admitted = this.#admit(
        this.#admission.put(request.key, request.value),
        request.value.length,
      );
      if ('code' in admitted) this.#refuse(request, admitted);
      else this.#perform(new ServedWrite(request, admitted));
    });

    this.network.upon(GetRequest, (request) => {
      this.#served.get.add();
      const admitted = this.#admit(this.#admission.get(request.key));
      if ('code' in admitted) this.#refuse(request, admitted);
      else this.#perform(new ServedRead(request, admitted));
    });

    this.register.upon(WriteReturn, ({ write }) => {
      if (!(write instanceof ServedWrite)) return;
      this.#done(write);
      const { source, id } = write.request;
      this.network.next(new OkReply(source, { id, era: this.#admission.era }));
    });

    this.register.upon(ReadReturn, ({ read, value }) => {
      if (!(read instanceof ServedRead)) return;
      this.#done(read);
      const { source, id } = read.request;
      const { era } = this.#admission;
      if (value) this.network.next(new ValueReply(source, { id, value, era }));
      else this.network.next(new NotFoundReply(source, { id, era }));
    });

    this.register.upon(Abandoned, ({ request, outcome }) => {
      if (!(request instanceof ServedWrite || request instanceof ServedRead)) return;
      this.#done(request);
      this.#refuse(request.request, givenUp(request, outcome));
    });

    this.timer.upon(Tick, ({ lateMs }) => {
      for (const operation of this.#deadlines.tick(tickMs, lateMs)) {
        this.register.next(new Abandon(operation));
      }
    });
  }

  /** Has the registers serve the members alone; before there is a view, and so a group, nobody. */
  #admitMembers(): void {
    const members = this.#admission.view?.members ?? [];
    this.register.next(new Admit(members.map(({ address }) => address)));
  }

  #admit(admitted: Admitted | Refusal, bytes = 0): Admitted | Refusal {
    if ('code' in admitted) return admitted;
    return this.#capacity.refuses(bytes) ?? admitted;
  }

  #perform(operation: Served): void {
    operation.deadline = this.#deadlines.add(operation, operation.request.timeoutMs);
    this.#capacity.begin(operation.putBytes);
    this.register.next(operation);
  }

  #done(operation: Served): void {
    this.#deadlines.delete(operation.deadline);
    this.#capacity.end(operation.putBytes);
  }

  #refuse({ source, id }: PutRequest | GetRequest, { code, text }: Refusal): void {
    this.#refusals.get(code)?.add();
    this.network.next(new RefusedReply(source, { id, code, text }));
  }
}

function givenUp({ request, group }: Served, outcome: Abandoned['outcome']): Refusal {
  const code = outcome === 'unknown' ? 'outcome unknown' : 'unavailable';
  const withinMs = String(request.timeoutMs);
  return { code, text: `no majority of ${group.join(', ')} answered within ${withinMs} ms` };
}
