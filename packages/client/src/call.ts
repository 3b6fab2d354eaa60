import { invariant } from '@jbstore/core';
import { groupOf, leadOf, positionOf, type View } from '@jbstore/gms/port';
import type { Address, Message } from '@jbstore/network/port';
import {
  Delete,
  Get,
  GetRequest,
  Increment,
  MutateRequest,
  Put,
  PutRequest,
  Scan,
  ScanRequest,
  longestTimeoutMs,
  registerName,
  type Mutation,
  type Operation,
} from '@jbstore/store/port';
import type { Deadline } from '@jbstore/timer/port';

import type { Glance } from './glance';
import type { Ticket } from './sessions';

/** How often a call waits again for a member that is only slow, twice as long each time. */
export const mostPatience = 3;

/** So many bytes take as long as the rest of a request. */
const smallBytes = 65_536;

/** The room that a call takes on the way to a member. */
interface Load {
  readonly member: Address;
  readonly bytes: number;
}

/** A request of the user on its way to an answer. */
export class Call {
  /** Where the place of its key, or of its cursor, on the ring is. */
  readonly position: string;
  /** Names a mutation for good, so that it may be sent to many; only some registers know of that. */
  ticket: Ticket | undefined;
  /** It was sent to some member, at least once. */
  wasSent = false;
  /** The member that has it and has not answered; undefined if none may perform it. */
  askedMember: Address | undefined;
  /** Who is asked beside that member, and what they have said. */
  glance: Glance | undefined;
  /** When that member was asked, or was last seen to be there, in the time of the front end. */
  askedMs = 0;
  /** How often the member was found to be there, but had not answered this call. */
  patience = 0;
  /** Members that were asked already, and did not perform it. */
  readonly asked: Address[] = [];
  /** Attempts that came to nothing. */
  failures = 0;
  /** When it must be answered, when another member is asked, and when one is looked for again. */
  deadline: Deadline<Call> | undefined;
  attempt: Deadline<Call> | undefined;
  retry: Deadline<Call> | undefined;
  /** What it takes of the way to a member. */
  load: Load | undefined;
  /** Why the last attempt came to nothing. */
  reason = 'it has not been sent';

  /**
   * @param id - tells its answers from those of other calls
   * @param dueMs - when it must be answered, in the time of the front end
   */
  constructor(
    readonly id: number,
    readonly request: Mutation | Get | Scan,
    readonly dueMs: number,
  ) {
    this.position =
      request instanceof Scan ? request.cursor.padEnd(16, '\0') : positionOf(request.key);
  }

  /** How many times as long as a small one it takes: sending a large value again makes all slower. */
  get weight(): number {
    return this.ticket ? 1 + this.bytes / smallBytes : 1;
  }

  /** The bytes of the value that it brings. */
  get bytes(): number {
    const { mutation } = this;
    return mutation && 'value' in mutation ? mutation.value.length : 0;
  }

  /** Undefined if it only reads. */
  get mutation(): Mutation | undefined {
    const { request } = this;
    return request instanceof Get || request instanceof Scan ? undefined : request;
  }

  /** True if it may be with several members at once; if not, it must not be performed twice. */
  get repeatable(): boolean {
    return !this.mutation || this.ticket !== undefined;
  }

  /** Who may perform it. */
  candidates(view: View): readonly Address[] {
    if (view.register === 'single-writer' && this.mutation) return [leadOf(view, this.position)];
    return groupOf(view, this.position);
  }

  /** Its next attempt is `glance`, if there is one. Who has not answered the last one is asked last. */
  begin(glance: Glance | undefined): void {
    if (this.glance && this.wasSent) this.asked.push(...this.glance.missing);
    this.glance = glance;
  }

  /** It goes to `member` now. */
  sendTo(member: Address): void {
    this.askedMember = member;
    this.wasSent = true;
    if (!this.glance && !this.asked.includes(member)) this.asked.push(member);
  }

  /** True if it waits for `member`, and could go on with others. */
  waitsFor(member: Address): boolean {
    const { glance, ticket, askedMember } = this;
    return glance
      ? glance.missing.includes(member)
      : ticket !== undefined && askedMember === member;
  }

  /** What is sent when `member` is asked, and those beside it, and `remainingMs` are left. */
  messages(member: Address, remainingMs: number): readonly Message[] {
    const { glance, id, request, position } = this;
    if (!glance || !(request instanceof Get)) return [this.#message(member, remainingMs)];
    return glance.questions(id, registerName(request.key, position));
  }

  /** A member gives up somewhat earlier, so that its answer, and another attempt, come in time. */
  #message(member: Address, remainingMs: number): Message {
    const { id, request, ticket } = this;
    const givenMs = Math.min(remainingMs * 0.8, remainingMs - 50, longestTimeoutMs);
    const timeoutMs = Math.max(1, Math.floor(givenMs));
    if (request instanceof Scan) {
      const { cursor: after, limit } = request;
      return new ScanRequest(member, { id, after, limit, timeoutMs });
    }
    const { key } = request;
    if (request instanceof Get) return new GetRequest(member, { id, key, timeoutMs });
    if (ticket) {
      const operation = operationOf(request);
      return new MutateRequest(member, { id, request: ticket.id, key, operation, timeoutMs });
    }
    invariant(request instanceof Put, 'a mutation that is no put has a ticket');
    return new PutRequest(member, { id, key, value: request.value, timeoutMs });
  }
}

/** What a register is told to do for `mutation`. */
function operationOf(mutation: Mutation): Operation {
  if (mutation instanceof Put) return { kind: 'put', value: mutation.value };
  if (mutation instanceof Delete) return { kind: 'delete' };
  if (mutation instanceof Increment) return { kind: 'increment', by: mutation.by };
  const { expected, value } = mutation;
  return { kind: 'cas', expected, value };
}
