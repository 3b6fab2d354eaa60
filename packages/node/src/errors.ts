import { RuntimeError } from '@jbstore/core';
import type { JoinRefusalCode } from '@jbstore/gms/port';

/** Where a setting was said. */
export type SettingSource = 'code' | 'flag' | 'environment' | 'file' | 'default';

/** One thing that is wrong with a configuration. */
export interface ConfigurationIssue {
  /** The setting; undefined if the source as a whole is wrong. */
  readonly setting: string | undefined;
  readonly source: SettingSource;
  /** What is wrong and what to do, as a sentence which names the setting as its source does. */
  readonly text: string;
}

/** The operator asked for something that cannot be. Nothing was started. */
export class ConfigurationError extends RuntimeError {
  override readonly code = 'ERR_CONFIGURATION';

  constructor(
    readonly issues: readonly ConfigurationIssue[],
    options?: ErrorOptions,
  ) {
    super(issues.map(({ text }) => text).join('; '), options);
  }
}

/** This process will never be a member of the cluster. `reason` is for programs. */
export class JoinRefusedError extends RuntimeError {
  override readonly code = 'ERR_JOIN_REFUSED';

  constructor(
    readonly reason: JoinRefusalCode,
    text: string,
  ) {
    super(text);
  }
}

/** The first node was silent for longer than the boot time-out. */
export class BootTimedOutError extends RuntimeError {
  override readonly code = 'ERR_BOOT_TIMED_OUT';

  constructor(
    readonly waitingFor: string,
    readonly bootTimeoutMs: number,
  ) {
    super(
      `gave up after ${bootTimeoutMs} ms (${waitingFor}): start the first node, check the address ` +
        'to join, then start this node again',
    );
  }
}

/** The others have gone on without this node, which nobody had asked to leave. */
export class EvictedError extends RuntimeError {
  override readonly code = 'ERR_EVICTED';

  constructor() {
    super(
      'the cluster went on without this node, as it was silent for so long, or an operator gave it up: what it held is with others; ' +
        'start it again, to join anew',
    );
  }
}

/** The node was stopped before there was a view. */
export class StoppedError extends RuntimeError {
  override readonly code = 'ERR_STOPPED';

  constructor() {
    super('the node was stopped before the cluster was complete');
  }
}

/** A port cannot be opened. `purpose` is the setting that says which. */
export class PortError extends RuntimeError {
  override readonly code: 'ERR_PORT_IN_USE' | 'ERR_CANNOT_LISTEN';

  constructor(
    readonly purpose: 'port' | 'metricsPort',
    readonly host: string,
    readonly port: number,
    options: { readonly cause: Error },
  ) {
    const name = purpose === 'port' ? 'port' : 'metrics port';
    const inUse = 'code' in options.cause && options.cause.code === 'EADDRINUSE';
    super(
      inUse
        ? `the ${name} ${port} of ${host} is in use: stop the program that listens there, or choose ` +
            'another one (0 takes any that is free)'
        : `cannot listen on the ${name} ${port} of ${host} (${options.cause.message}): is it a host ` +
            'of this machine, and may this user open that port?',
      options,
    );
    this.code = inUse ? 'ERR_PORT_IN_USE' : 'ERR_CANNOT_LISTEN';
  }
}
