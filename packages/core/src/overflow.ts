import { InvalidOptionError } from './errors';

/** How many events may wait for a component, and what becomes of those that are too many. */
export interface MailboxBound {
  /** At least 1. The event whose turn it is does not wait any more, nor does one that is retried. */
  readonly capacity: number;
  /**
   * What is a dead letter, with the reason `overflow`, when one more arrives: `drop-newest` and `fault`
   * the one that arrives, `drop-oldest` the one that has waited longest. With `fault` the component has
   * failed as well, never the one that sent.
   */
  readonly overflow: 'drop-newest' | 'drop-oldest' | 'fault';
}

const policies: readonly MailboxBound['overflow'][] = ['drop-newest', 'drop-oldest', 'fault'];

/** @throws {@link InvalidOptionError} */
export function assertBound({ capacity, overflow }: MailboxBound): void {
  if (!Number.isSafeInteger(capacity) || capacity < 1) {
    throw new InvalidOptionError('mailbox.capacity', 'is a whole number of at least 1', capacity);
  }
  if (!policies.includes(overflow)) {
    throw new InvalidOptionError('mailbox.overflow', `is one of ${policies.join(', ')}`, overflow);
  }
}
