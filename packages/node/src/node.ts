import { setTimeout as delay } from 'node:timers/promises';
import { types } from 'node:util';

import {
  ComponentFault,
  InvariantViolation,
  RuntimeError,
  System,
  type Logger,
} from '@jbstore/core';
import { BootTimedOut, Evicted, JoinRefused, NewView, Waiting, type View } from '@jbstore/gms/port';
import { Listening, type Address } from '@jbstore/network/port';

import { StoreNode } from './assembly';
import { formatEndpoint } from './endpoint';
import { BootTimedOutError, EvictedError, JoinRefusedError, StoppedError } from './errors';
import { serveFigures, type FiguresServer } from './http';
import { Journal } from './journal';
import type { LoggerOf } from './log';
import { prometheusContentType, prometheusFigures } from './metrics';
import { Promised } from './promised';
import type { NodeConfiguration } from './settings';
import { storeNodeInit } from './store-node-init';

/**
 * A node that listens. It ends by {@link stop}, and when it has left the cluster; or by itself when it cannot become
 * or stay a member or a component fails; then {@link stopped} rejects with the reason, a {@link RuntimeError} with a `code`.
 *
 * A reason that nobody can have seen, because neither `ready` nor `stopped` was ever looked at, is an
 * unhandled rejection, which ends the Node process.
 */
export class RunningNode implements AsyncDisposable {
  readonly system: System;

  readonly #log: Logger;
  readonly #listening = new Promised<void>();
  readonly #ready = new Promised<View>();
  readonly #stopped = new Promised<void>();
  /** True if somebody will see why this node ends: until it listens, who starts it. */
  #watched = true;
  #view: View | undefined;
  #waitingFor = 'this node starts';
  #figures: FiguresServer | undefined;
  #ending: Promise<void> | undefined;

  /** Use `startNode`. */
  constructor(
    /** Who this node is, and where others reach it. */
    readonly address: Address,
    readonly configuration: NodeConfiguration,
    loggerOf: LoggerOf,
  ) {
    const { seed } = configuration;
    this.#log = loggerOf('node');
    this.system = new System('node', {
      logger: loggerOf,
      onFault: (fault) => void this.#end(reasonOf(fault)),
      ...(seed === undefined ? {} : { seed }),
    });
    this.#assemble();
  }

  #assemble(): void {
    const node = this.system.create(StoreNode, storeNodeInit(this.address, this.configuration));
    const journal = this.system.create(Journal);
    node.membership.connect(journal.membership);
    node.status.connect(journal.status);
    node.timer.connect(journal.timer);

    const status = this.system.clientOf(node.status);
    status.upon(Listening, () => {
      this.#listening.resolve();
    });

    const membership = this.system.clientOf(node.membership);
    membership.upon(Waiting, ({ waitingFor }) => {
      this.#waitingFor = waitingFor;
    });
    membership.upon(NewView, ({ view }) => {
      this.#view = view;
      this.#ready.resolve(view);
    });
    membership.upon(JoinRefused, ({ code, text }) => {
      void this.#end(new JoinRefusedError(code, text));
    });
    membership.upon(Evicted, () => {
      // It has seen itself leave; or else it was not there when that was decided.
      const own = this.#view?.members.find((member) => member.address === this.address);
      void this.#end(own?.state === 'leaving' ? undefined : new EvictedError());
    });
    membership.upon(BootTimedOut, ({ waitingFor }) => {
      void this.#end(new BootTimedOutError(waitingFor, this.configuration.bootTimeoutMs));
    });
  }

  /** The view, once the cluster is complete. Rejects if this node ends before. */
  get ready(): Promise<View> {
    this.#watched = true;
    return this.#ready.promise;
  }

  /** Resolves after {@link stop}; rejects with what else ended this node. */
  get stopped(): Promise<void> {
    this.#watched = true;
    return this.#stopped.promise;
  }

  /** Where /metrics, /graph, /health and /ready are served, as `host:port`. */
  get metricsAddress(): string | undefined {
    return this.#figures && formatEndpoint(this.#figures.endpoint);
  }

  /** Opens the ports; resolves when this node listens. Called once, by `startNode`. */
  async start(): Promise<void> {
    const { address, configuration } = this;
    this.#log.info('starting', { address, configuration, seed: this.system.seed });
    if (configuration.allowRemote) {
      this.#log.warn('other machines may reach this node: nothing is encrypted or authenticated');
    }
    try {
      await this.#serveFigures();
      await this.system.start();
      await this.#listening.promise;
    } catch (error) {
      await this.#end(reasonOf(error));
      await this.#stopped.promise; // Rejects with the first reason, which counts.
    }
    this.#watched = false;
  }

  async #serveFigures(): Promise<void> {
    const { metricsHost: host, metricsPort: port } = this.configuration;
    if (port === undefined) return;
    const since = performance.now();
    this.#figures = await serveFigures(
      { host, port },
      {
        metrics: prometheusFigures(this.system),
        metricsContentType: prometheusContentType,
        graph: () => this.system.graph(),
        health: () => ({
          address: this.address,
          uptimeSeconds: Math.round((performance.now() - since) / 1000),
        }),
        readiness: () => {
          if (!this.#view || this.#ending) {
            return {
              ready: false,
              waitingFor: this.#ending ? 'this node stops' : this.#waitingFor,
            };
          }
          const { era, number, members } = this.#view;
          return { ready: true, era, view: number, members: members.length };
        },
      },
    );
    this.#log.info('serving /metrics, /graph, /health and /ready', {
      address: this.metricsAddress,
    });
  }

  /** Stops gracefully, within the time that the configuration allows. Harmless if it has stopped. */
  async stop(): Promise<void> {
    await this.#end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Ends this node, once; the first reason counts. */
  #end(reason?: Error): Promise<void> {
    return (this.#ending ??= this.#release(reason));
  }

  async #release(reason: Error | undefined): Promise<void> {
    this.#log.info('stopping', reason && { reason: reason.message });
    let outcome = reason;
    try {
      await this.#dispose();
    } catch (error) {
      outcome ??= reasonOf(error);
    }
    await this.#figures?.close();
    this.#log.info('stopped');
    this.#settle(outcome);
  }

  async #dispose(): Promise<void> {
    const { stopTimeoutMs } = this.configuration;
    if (await settlesWithin(stopTimeoutMs, this.system[Symbol.asyncDispose]())) return;
    this.#log.warn('stopping took too long: what was left is dropped', { stopTimeoutMs });
    await settlesWithin(stopTimeoutMs, this.system.kill());
  }

  #settle(outcome: Error | undefined): void {
    this.#listening.promise.catch(ignore);
    this.#listening.reject(outcome ?? new StoppedError());
    this.#ready.promise.catch(ignore);
    if (this.#watched) this.#stopped.promise.catch(ignore);
    this.#ready.reject(outcome ?? new StoppedError());
    if (outcome) this.#stopped.reject(outcome);
    else this.#stopped.resolve();
  }
}

/** False if `work` is not done in time; it may go on. Rejects as `work` does. */
async function settlesWithin(ms: number, work: Promise<void>): Promise<boolean> {
  const clock = new AbortController();
  const { signal } = clock;
  return Promise.race([work.then(() => true), delay(ms, false, { signal })]).finally(() => {
    clock.abort();
  });
}

function ignore(): void {
  // Who looks at `stopped` sees the same reason there.
}

/** What to tell the operator: a mistake of the operator's is not told as a fault of a component. */
function reasonOf(error: unknown): Error {
  const cause = error instanceof ComponentFault ? error.cause : undefined;
  if (cause instanceof RuntimeError && !(cause instanceof InvariantViolation)) return cause;
  return types.isNativeError(error) ? error : new Error(String(error));
}
