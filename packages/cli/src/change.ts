import { setTimeout as rest } from 'node:timers/promises';

import {
  ChangeRefusedError,
  UnavailableError,
  type ChangeWish,
  type Store,
  type StoreStatus,
} from '@jbstore/client';
import { Option, type Command } from 'commander';

import { duration } from './arguments';
import { withStore, type ConnectionOptions } from './connection';
import { counted, seconds, Stopwatch } from './figures';
import { write, writeJson, type Io } from './io';
import { placeOf } from './status';

/** What every command that changes the members of a cluster can be told. */
export interface ChangeOptions extends ConnectionOptions {
  /** How long to wait until it is done. */
  readonly within: number;
}

/** Adds the flag of {@link ChangeOptions}. */
export function withWaiting(command: Command, usual = '10m'): Command {
  return command.addOption(
    new Option('--within <time>', 'how long to wait until it is done, such as 10m')
      .argParser(duration)
      .default(duration(usual), usual),
  );
}

type Departure = Extract<ChangeWish, { readonly endpoint: string }>;

/** A leader that ends forgets what it was asked for: it is asked again so often. */
const askAgainMs = 3_000;
const lookMs = 500;
const tellMs = 2_000;

/**
 * Asks for `change` until the node that it names is no member any more, and tells how far that is.
 * @throws {@link ChangeRefusedError} {@link UnavailableError}
 */
export function carryOut(change: Departure, options: ChangeOptions, io: Io): Promise<void> {
  return withStore(options, async (store) => {
    const stopwatch = new Stopwatch();
    await new Course(store, change, options, io).run();
    const { endpoint: node } = change;
    const { number } = store.view;
    if (options.json) await writeJson(io.stdout, { ok: true, node, view: number });
    else {
      const time = seconds(stopwatch.elapsedMs);
      await write(io.stdout, `${node} is no member any more: view ${number}, after ${time}\n`);
    }
  });
}

/** One change on its way. */
class Course {
  readonly #store: Store;
  readonly #change: Departure;
  readonly #options: ChangeOptions;
  readonly #io: Io;
  readonly #stopwatch = new Stopwatch();
  #accepted = false;
  #askedMs = -askAgainMs;
  #toldMs = 0;

  constructor(store: Store, change: Departure, options: ChangeOptions, io: Io) {
    this.#store = store;
    this.#change = change;
    this.#options = options;
    this.#io = io;
  }

  async run(): Promise<void> {
    const { within } = this.#options;
    // Who is no member from the start is refused: it may be a slip of the pen.
    while (!this.#accepted || this.#isThere) {
      const { elapsedMs } = this.#stopwatch;
      if (elapsedMs > within) throw new UnavailableError(this.#overdue);
      if (elapsedMs - this.#askedMs >= askAgainMs) await this.#ask();
      if (elapsedMs - this.#toldMs >= tellMs) await this.#tell();
      await rest(lookMs);
    }
  }

  get #isThere(): boolean {
    return this.#store.view.members.some(
      ({ address, state }) => state !== 'evicted' && placeOf(address) === this.#change.endpoint,
    );
  }

  get #overdue(): string {
    const { endpoint: node } = this.#change;
    return this.#accepted
      ? `${node} is still a member: the cluster goes on with it; ask again to wait for its end`
      : `no node leads the cluster, so nobody can change it: are most of its nodes running?`;
  }

  async #ask(): Promise<void> {
    this.#askedMs = this.#stopwatch.elapsedMs;
    try {
      await this.#store.change(this.#change);
      this.#accepted = true;
    } catch (error) {
      if (error instanceof UnavailableError) return; // Somebody will lead again.
      // It was done before it was asked for once more.
      if (!(error instanceof ChangeRefusedError && this.#accepted)) throw error;
    }
  }

  async #tell(): Promise<void> {
    this.#toldMs = this.#stopwatch.elapsedMs;
    if (this.#options.json) return;
    const status = await this.#store.status();
    await write(this.#io.stderr, `${progressOf(status, this.#change)}\n`);
  }
}

/** `view 12: 127.0.0.1:7101 is leaving and holds 34 slots; 50 slots are on the move` */
function progressOf({ view, nodes, progress }: StoreStatus, change: Departure): string {
  const node = nodes.find(({ address }) => placeOf(address) === change.endpoint);
  const waiting =
    change.kind === 'replace' ? `waits for ${change.by} to join` : 'waits for its turn to leave';
  const what = node?.state === 'active' ? waiting : 'is leaving';
  const held = node ? ` and holds ${counted(node.slots.holds, 'slot')}` : '';
  const moving = progress ? `; ${counted(progress.unsettled, 'slot')} on the move` : '';
  return `view ${view.number}: ${change.endpoint} ${what}${held}${moving}`;
}
