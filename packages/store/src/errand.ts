import type { Address } from '@jbstore/network/port';
import { Mutate, Read } from '@jbstore/slot-register/port';
import { type Deadline } from '@jbstore/timer/port';

import {
  ForwardedGet,
  ForwardedMutate,
  GetRequest,
  MutatedReply,
  NotFoundReply,
  ValueReply,
  type MutateRequest,
} from './messages';

/** What a node may be asked to do: by a front end, or by another node in the place of one. */
export type Asked = MutateRequest | ForwardedMutate | GetRequest | ForwardedGet;

/** What a node says of a request that it has performed. */
export type Performed = MutatedReply | ValueReply | NotFoundReply;

/** A request that this node has taken on: it performs it, or has another node do so. */
export class Errand {
  /** What its register was asked here, and has not answered. */
  served: ServedMutate | ServedRead | undefined;
  /** Who was asked to perform it, and has not answered. */
  askedMember: Address | undefined;
  /** Who was asked already. */
  readonly tried: Address[] = [];
  /** When it must be answered, and when it is tried again. */
  deadline: Deadline<Errand> | undefined;
  retry: Deadline<Errand> | undefined;
  /** Undefined if it only reads. */
  readonly mutation: MutateRequest | ForwardedMutate | undefined;

  /**
   * @param id - tells the answers of other nodes from those to other errands
   * @param register - the name of the register of its key
   * @param dueMs - when it must be answered, in the time of this node
   */
  constructor(
    readonly id: number,
    readonly request: Asked,
    readonly register: string,
    readonly dueMs: number,
  ) {
    const reads = request instanceof GetRequest || request instanceof ForwardedGet;
    this.mutation = reads ? undefined : request;
  }

  /** A node asks for it, which will see to it that it gets done if this one does not. */
  get wasForwarded(): boolean {
    return this.request instanceof ForwardedMutate || this.request instanceof ForwardedGet;
  }

  /** The bytes that it puts. */
  get bytes(): number {
    const operation = this.mutation?.operation;
    return operation && 'value' in operation ? operation.value.length : 0;
  }

  /** Asks the register of its key, here. */
  serve(): ServedMutate | ServedRead {
    const { mutation } = this;
    return (this.served = mutation ? new ServedMutate(this, mutation) : new ServedRead(this));
  }

  /** Asks `member`, which has to answer within `timeoutMs`. */
  forward(member: Address, timeoutMs: number): ForwardedMutate | ForwardedGet {
    this.askedMember = member;
    this.tried.push(member);
    const { id, mutation } = this;
    const { key } = this.request;
    if (!mutation) return new ForwardedGet(member, { id, key, timeoutMs });
    const { request, operation } = mutation;
    return new ForwardedMutate(member, { id, request, key, operation, timeoutMs });
  }

  /** What another node has answered, for who asked this one; undefined if it is no answer to such a request. */
  relay(reply: Performed): Performed | undefined {
    const { source, id } = this.request;
    const { era } = reply;
    if (reply instanceof MutatedReply) {
      return this.mutation && new MutatedReply(source, { id, outcome: reply.outcome, era });
    }
    if (this.mutation) return undefined;
    if (reply instanceof NotFoundReply) return new NotFoundReply(source, { id, era });
    const { value, version } = reply;
    return new ValueReply(source, { id, value, version, era });
  }
}

export class ServedMutate extends Mutate {
  constructor(
    readonly errand: Errand,
    { request, operation }: MutateRequest | ForwardedMutate,
  ) {
    super(errand.register, request, operation);
  }
}

export class ServedRead extends Read {
  constructor(readonly errand: Errand) {
    super(errand.register);
  }
}
