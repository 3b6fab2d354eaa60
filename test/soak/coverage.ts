import type { DeadLetterReason } from '@jbstore/core';

/** In so many events each must have been done once; in fewer it is left to chance. */
const eventsPerAction = 1_000_000;

const reasons: readonly DeadLetterReason[] = [
  'answered',
  'faulted',
  'killed',
  'overflow',
  'unconnected',
  'unhandled',
  'unselected',
];

/** What a soak must have seen to say anything. */
const required = [
  'channel connected',
  'channel disconnected',
  'channel held',
  'channel plugged',
  'channel resumed',
  'channel tapped',
  'channel unplugged',
  'channel untapped',
  'component created',
  'component killed',
  'component killed at a held channel',
  'component replaced',
  'component replaced at a held channel',
  'component started',
  'component stopped',
  'event retried',
  'event skipped',
  ...reasons.map((reason) => `dead letter: ${reason}`),
  'fault: escalate',
  'fault: restart',
  'fault: resume',
  'fault: stop',
  'mailbox too full for its owner',
  'outside ask answered',
  'trace observed',
];

/** What was not done often enough among so many events. */
export function omissionsOf(
  actions: ReadonlyMap<string, number>,
  events: number,
): readonly string[] {
  const least = Math.floor(events / eventsPerAction);
  return required.flatMap((action) => {
    const times = actions.get(action) ?? 0;
    return times < least ? [`${action}: ${times} times, which should be ${least} at least`] : [];
  });
}
