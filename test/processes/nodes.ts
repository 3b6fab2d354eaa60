import type { Store } from '@jbstore/client';

import { Command, eventually, freePort, patienceMs } from './jbstore';
import type { Partition } from './partition';

/** How long a cluster may take to become what it is to be, with much to move on a busy machine. */
const settlingMs = 4 * patienceMs;

/** How much of the log of a node is shown that ended otherwise than it should, in characters. */
const lastWords = 3_000;

/** Nodes in processes of their own, started one by one. */
export class Nodes {
  readonly running = new Map<string, Command>();
  /** Where each of them tells its metrics. */
  readonly metrics = new Map<string, string>();
  readonly #network: Partition | undefined;

  /** @param network - what carries all that nodes say to one another; default: nothing of ours */
  constructor(network?: Partition) {
    this.#network = network;
  }

  get places(): readonly string[] {
    return [...this.running.keys()];
  }

  /** Where the one of this number listens, counted from the one that was started first. */
  at(index: number): string {
    const place = this.places[index];
    if (place === undefined) throw new Error(`there is no node ${index}`);
    return place;
  }

  async begin(nodes: number, replication: number): Promise<void> {
    const common = ['node', '--nodes', `${nodes}`, '--replication', `${replication}`];
    const first = await this.#start(common);
    const others = Array.from({ length: nodes - 1 }, () =>
      this.#start([...common, '--join', first]),
    );
    await Promise.all(others);
    await Promise.all(this.places.map((place) => this.#ready(place)));
  }

  /** Starts one more; resolves with where it listens when it is a member. */
  async join(contact = this.at(0)): Promise<string> {
    const place = await this.#start(['join', contact]);
    await this.#ready(place);
    return place;
  }

  /**
   * Has a new one take the place of the one at `old`, by the command: that is asked for before the new one joins, as who
   * joins without it is given a part of the ring of its own first. Resolves with where the new one listens.
   */
  async replace(old: string): Promise<string> {
    const port = await freePort();
    const fresh = `${await this.#hostOf(port)}:${port}`;
    const connected = ['--connect', this.places.join()];
    const command = new Command(['replace', old, '--by', fresh, ...connected]);
    // On the standard output, if it was evicted meanwhile.
    const isAnswered = ({ stdout, stderr }: Command): true | undefined =>
      `${stdout}${stderr}`.includes('\n') || undefined;
    await command.until('an answer', isAnswered);
    const contact = this.places.find((place) => place !== old) ?? old;
    await this.#start(['join', contact], port);
    const { code, stderr } = await command.exited;
    if (code !== 0) throw new Error(`jbstore replace ended with ${code}: ${stderr}`);
    return fresh;
  }

  /** Resolves when the process has ended by itself, with one of these exit codes. */
  async endsWith(place: string, ...codes: readonly number[]): Promise<void> {
    const command = this.#command(place);
    await eventually(`${place} ends`, () => command.outcome !== undefined, settlingMs);
    this.running.delete(place);
    const code = command.outcome?.code ?? undefined;
    if (code !== undefined && codes.includes(code)) return;
    const log = command.stderr.slice(-lastWords);
    throw new Error(
      `${place} ended with ${code ?? 'a signal'}, not ${codes.join(' or ')}:\n${log}`,
    );
  }

  async kill(place: string): Promise<void> {
    this.signal(place, 'SIGKILL');
    await this.#command(place).exited;
    this.running.delete(place);
  }

  signal(place: string, signal: NodeJS.Signals): void {
    this.#command(place).child.kill(signal);
  }

  /** Resolves when `store` sees just these nodes, and nothing is on the move. */
  async settled(store: Store): Promise<void> {
    const expected = String([...this.places].sort());
    await eventually(
      'the members are who they should be, and nothing is on the move',
      async () => {
        const { progress, view } = await store.status();
        const { length } = view.members;
        const isDone = progress?.unsettled === 0 && length === this.running.size;
        return isDone && String(membersOf(store)) === expected;
      },
      settlingMs,
    );
  }

  async #start(words: readonly string[], at?: number): Promise<string> {
    const port = at ?? (await freePort());
    const metricsPort = await freePort();
    const host = await this.#hostOf(port);
    const place = `${host}:${port}`;
    const ports = ['--port', `${port}`, '--metrics-port', `${metricsPort}`];
    this.running.set(place, new Command([...words, ...ports, '--advertise-host', host]));
    this.metrics.set(place, `http://127.0.0.1:${metricsPort}/metrics`);
    return place;
  }

  async #hostOf(port: number): Promise<string> {
    return (await this.#network?.carry(port)) ?? '127.0.0.1';
  }

  async #ready(place: string): Promise<void> {
    const isMember = ({ stderr }: Command): true | undefined =>
      stderr.includes('the cluster is complete') || undefined;
    await this.#command(place).until('a member', isMember);
  }

  #command(place: string): Command {
    const command = this.running.get(place);
    if (!command) throw new Error(`no node was started at ${place}`);
    return command;
  }
}

/** Where those listen that are members, in order. */
export function membersOf({ view }: Store): readonly string[] {
  const active = view.members.filter(({ state }) => state === 'active');
  return active.map(({ address }) => address.slice(address.indexOf('@') + 1)).sort();
}
