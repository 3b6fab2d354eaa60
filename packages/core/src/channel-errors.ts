import { RuntimeError } from './errors';

/** A channel is to change an end while events pass through it. */
export class UnheldChannelError extends RuntimeError {
  override readonly code = 'ERR_UNHELD_CHANNEL';

  /** @param channel - `provided - required` */
  constructor(readonly channel: string) {
    super(`the channel ${channel} is not held: hold it before you unplug or plug an end`);
  }
}

/** Events are to pass through a channel to an end that is free. */
export class UnpluggedChannelError extends RuntimeError {
  override readonly code = 'ERR_UNPLUGGED_CHANNEL';

  /** @param channel - `provided - required`, where it ends or ended last */
  constructor(readonly channel: string) {
    super(`an end of the channel ${channel} is unplugged: plug a port in before you resume it`);
  }
}

/** A channel is plugged into, or unplugged from, a port where that end of it cannot be. */
export class ForeignPortError extends RuntimeError {
  override readonly code = 'ERR_FOREIGN_PORT';

  /** @param channel - `provided - required`, where it ends or ended last */
  constructor(
    readonly channel: string,
    readonly port: string,
    reason: string,
  ) {
    super(`the channel ${channel} has nothing to do with ${port}: ${reason}`);
  }
}
