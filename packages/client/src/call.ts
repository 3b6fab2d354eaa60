import type { View } from '@jbstore/gms/port';
import { groupOf, leadOf, positionOf } from '@jbstore/gms/port';
import type { Address, Message } from '@jbstore/network/port';
import {
  Get,
  GetRequest,
  Put,
  PutRequest,
  ScanRequest,
  longestTimeoutMs,
  type Scan,
} from '@jbstore/store/port';

/** How often a call waits again for a member that is only slow, twice as long each time. */
export const mostPatience = 3;

/** A request of the user on its way to an answer. */
export class Call {
  /** Where the place of its key, or of its cursor, on the ring is. */
  readonly position: string;
  /** The member that has it and has not answered; undefined if none may perform it. */
  askedMember: Address | undefined;
  /** When that member was asked, or was last seen to be there, in the time of the front end. */
  askedMs = 0;
  /** How often the member was found to be there, but had not answered this call. */
  patience = 0;
  /** Members that were asked already, and did not perform it. */
  readonly asked = new Set<Address>();
  /** Attempts that came to nothing. */
  failures = 0;
  /** Why the last attempt came to nothing. */
  reason = 'it has not been sent';

  /**
   * @param id - tells its answers from those of other calls
   * @param dueMs - when it must be answered, in the time of the front end
   */
  constructor(
    readonly id: number,
    readonly request: Put | Get | Scan,
    readonly dueMs: number,
  ) {
    const isScan = !(request instanceof Put || request instanceof Get);
    this.position = isScan ? request.cursor.padEnd(16, '\0') : positionOf(request.key);
  }

  /** Only gets and scans may be performed twice, so a put is with one member at a time. */
  get repeatable(): boolean {
    return !(this.request instanceof Put);
  }

  /** Who may perform it. */
  candidates(view: View): readonly Address[] {
    if (view.register === 'single-writer' && !this.repeatable) {
      return [leadOf(view, this.position)];
    }
    return groupOf(view, this.position);
  }

  /**
   * What `member` is told when `remainingMs` are left. It gives up somewhat earlier, so that its answer,
   * and another attempt, come in time.
   */
  message(member: Address, remainingMs: number): Message {
    const { id, request } = this;
    const givenMs = Math.min(remainingMs * 0.8, remainingMs - 50, longestTimeoutMs);
    const timeoutMs = Math.max(1, Math.floor(givenMs));
    if (request instanceof Put) {
      return new PutRequest(member, { id, key: request.key, value: request.value, timeoutMs });
    }
    if (request instanceof Get) return new GetRequest(member, { id, key: request.key, timeoutMs });
    return new ScanRequest(member, { id, after: request.cursor, limit: request.limit, timeoutMs });
  }
}
