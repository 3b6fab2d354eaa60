import { event } from './event';
import { portType } from './port-type';

/** The component begins to handle events. Its children have started before it. */
export class Start extends event('Start') {}

/** The component handles what arrived before, then rests. Its children stop after it. */
export class Stop extends event('Stop') {}

/** The component ends for good and releases what it holds. Its children end before it. */
export class Kill extends event('Kill') {}

/** The life of a component: every component provides it. */
export const Control = portType('Control', { requests: [Start, Stop, Kill], indications: [] });

/**
 * - `created`, `stopped`: events that arrive wait.
 * - `starting`, `stopping`: on the way, until the children have followed.
 * - `started`: events are handled.
 * - `suspended`: it failed, or a component above it did; events wait.
 * - `killed`: events that arrive are dead letters.
 */
export type LifeState =
  'created' | 'starting' | 'started' | 'stopping' | 'stopped' | 'suspended' | 'killed';
