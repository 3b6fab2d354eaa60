import type { PortEvent } from './event';

/**
 * - `unconnected`: the port it was triggered on has no channel, or the one that held it ended.
 * - `unhandled`: no component at the other ends has a handler for its class.
 * - `unselected`: the selectors of the channels let it through to nobody.
 * - `overflow`: as many events as may waited for its component, or in a channel that is held.
 * - `killed`: its component was killed before it was handled.
 * - `answered`: it answers a request that was answered before, or whose asker waits no longer.
 * - `faulted`: its component failed while handling it.
 */
export type DeadLetterReason =
  'unconnected' | 'unhandled' | 'unselected' | 'overflow' | 'killed' | 'answered' | 'faulted';

/** An event that nobody took. */
export class DeadLetter {
  /** @param port - where the event was last seen: `system/component.field` */
  constructor(
    readonly event: PortEvent,
    readonly port: string,
    readonly reason: DeadLetterReason,
  ) {}
}
