import type { Directive, Supervision } from '@jbstore/core';

import { PlannedFault, type Post } from './post';

/** What is done about the faults of the component at `post`: what was planned, as far as it can be. */
export function supervisionOf(post: Post): Supervision {
  return {
    decide: ({ cause }): Directive => {
      if (cause instanceof PlannedFault) {
        // At the top, and from below, there is nobody any more to escalate to.
        return cause.directive === 'escalate' && !post.above ? 'restart' : cause.directive;
      }
      return isOverflow(cause) ? 'resume' : 'restart';
    },
    event: post.settlement,
    budget: post.above ? { faults: 4, withinMs: 1 } : { faults: 1_000_000, withinMs: 1 },
    // What cannot be made anew because a port is open waits until somebody connects that.
    backoff: { firstMs: 1, factor: 2, longestMs: 4 },
  };
}

/** Faults that nobody planned, and that come of the plant itself. */
export function isExpected(cause: unknown): boolean {
  return (
    cause instanceof PlannedFault || isOverflow(cause) || codeOf(cause) === 'ERR_UNCONNECTED_PORT'
  );
}

/** More events waited than a mailbox holds, and that is a fault of its owner. */
export function isOverflow(cause: unknown): boolean {
  return codeOf(cause) === 'ERR_MAILBOX_OVERFLOW';
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}
