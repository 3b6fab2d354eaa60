import { connect, type Store } from '@jbstore/client';

import { build, Command, endAll, eventually, freePort, jbstore, patienceMs } from './jbstore';
import { Ledger } from './ledger';

// Clusters of processes that change while clients use them: what operators do, and what befalls them.

const writers = 16;

jest.setTimeout(6 * patienceMs);

beforeAll(build, 2 * patienceMs);

afterEach(endAll);

/** Nodes in processes of their own, started one by one. */
class Nodes {
  readonly running = new Map<string, Command>();

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

  /** Resolves when the process has ended by itself, with its exit code. */
  async end(place: string): Promise<number | null> {
    const outcome = await this.#command(place).exited;
    this.running.delete(place);
    return outcome.code;
  }

  async kill(place: string): Promise<void> {
    this.signal(place, 'SIGKILL');
    await this.end(place);
  }

  signal(place: string, signal: NodeJS.Signals): void {
    this.#command(place).child.kill(signal);
  }

  async #start(words: readonly string[]): Promise<string> {
    const port = await freePort();
    const place = `127.0.0.1:${port}`;
    this.running.set(place, new Command([...words, '--port', `${port}`]));
    return place;
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
function membersOf({ view }: Store): readonly string[] {
  const active = view.members.filter(({ state }) => state === 'active');
  return active.map(({ address }) => address.slice(address.indexOf('@') + 1)).sort();
}

async function settled(store: Store, nodes: Nodes): Promise<void> {
  const expected = String([...nodes.places].sort());
  await eventually('the members are who they should be, and nothing is on the move', async () => {
    const { progress, view } = await store.status();
    const { length } = view.members;
    const isDone = progress?.unsettled === 0 && length === nodes.running.size;
    return isDone && String(membersOf(store)) === expected;
  });
}

/** Runs `change` under load, and checks that each request was performed once, and none failed. */
async function underLoad(
  { nodes, replication }: { readonly nodes: number; readonly replication: number },
  change: (cluster: Nodes, store: Store, ledger: Ledger) => Promise<void>,
): Promise<void> {
  const cluster = new Nodes();
  await cluster.begin(nodes, replication);
  await using store = await connect(cluster.places, { timeoutMs: 20_000 });
  const ledger = new Ledger(store, writers);
  ledger.start();
  await ledger.answered(10 * writers);

  await change(cluster, store, ledger);

  await ledger.answered(10 * writers);
  await ledger.stop();
  await ledger.check();
  expect(ledger.errors).toEqual([]);
  expect(ledger.violations).toEqual([]);
  process.stdout.write(`${ledger.summary}\n`);
}

test('all nodes are replaced by new ones, one after the other, by the command', () =>
  underLoad({ nodes: 3, replication: 3 }, async (cluster, store) => {
    for (const old of [...cluster.places]) {
      const fresh = await cluster.join();
      const connected = ['--connect', cluster.places.join()];
      const { code, stdout, stderr } = await jbstore(['replace', old, '--by', fresh, ...connected]);
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`${old} is no member any more`);
      expect(await cluster.end(old)).toBe(0);
    }
    await settled(store, cluster);
  }));

test('three nodes grow to five, and leave again until three are left', () =>
  underLoad({ nodes: 3, replication: 2 }, async (cluster, store) => {
    const founders = [...cluster.places];
    await Promise.all([cluster.join(), cluster.join(cluster.at(1))]);
    await settled(store, cluster);
    for (const leaver of founders.slice(0, 2)) {
      const { code } = await jbstore(['leave', leaver, '--connect', cluster.places.join()]);
      expect(code).toBe(0);
      expect(await cluster.end(leaver)).toBe(0);
    }
    await settled(store, cluster);
  }));

test('a node is killed, and whoever joins takes its place', () =>
  underLoad({ nodes: 4, replication: 3 }, async (cluster, store) => {
    await cluster.kill(cluster.at(0));
    await cluster.join();
    await settled(store, cluster);
  }));

test('a node that stood still for longer than the grace ends when it goes on, and has done no harm', () =>
  underLoad({ nodes: 4, replication: 3 }, async (cluster, store) => {
    const stopped = cluster.at(2);
    cluster.signal(stopped, 'SIGSTOP');
    await eventually('it is evicted', () => !membersOf(store).includes(stopped));
    cluster.signal(stopped, 'SIGCONT');
    expect(await cluster.end(stopped)).toBe(3);
    await settled(store, cluster);
  }));

test('status --watch shows views, who leads, and what is on the move, until it is ended', async () => {
  const cluster = new Nodes();
  await cluster.begin(2, 2);
  const words = ['status', '--watch', '--every', '200ms', '--json', '--connect', cluster.at(0)];
  const watch = new Command(words);
  const shown = (): { readonly view: number; readonly leader?: string }[] =>
    watch.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as { view: number });
  await watch.until('a leader', () => shown().some(({ leader }) => leader) || undefined);

  await cluster.join();
  await watch.until('a later view', () => shown().some(({ view }) => view > 1) || undefined);
  const { code } = await watch.stop();

  expect(code).toBe(0);
  expect(shown().at(-1)).toMatchObject({ nodes: expect.any(Array) as object[] });
});

test('most nodes are lost for good, and the rest go on in another era with what they have, by the command', async () => {
  const cluster = new Nodes();
  await cluster.begin(3, 3);
  const [dead, stopped, survivor] = [cluster.at(0), cluster.at(1), cluster.at(2)];
  const at = ['--connect', survivor];
  await jbstore(['put', 'kept', 'by all', ...at]);
  await cluster.kill(dead);
  cluster.signal(stopped, 'SIGSTOP');
  expect(await jbstore(['get', 'kept', '--timeout', '1s', ...at])).toMatchObject({ code: 3 });

  const words = ['force', '--lost', dead, stopped, ...at];
  const warned = await jbstore(words);
  expect(warned).toMatchObject({ code: 2, stdout: '' });
  expect(warned.stderr).toContain('1,024 slots of 1024 (100.0 %): 0-1023');
  expect(warned.stderr).toContain('add --yes');
  // Until both are suspected it is refused, as they may be alive.
  await eventually('it is done', async () => {
    const { code, stdout, stderr } = await jbstore([...words, '--yes']);
    expect(code === 0 ? stdout : stderr).toMatch(code === 0 ? 'era 1 begins' : 'is alive');
    return code === 0;
  });

  expect((await jbstore(['get', 'kept', ...at])).stdout).toBe('by all');
  expect(await jbstore(['put', 'new', 'value', ...at])).toMatchObject({ code: 0 });
  expect((await jbstore(['status', ...at])).stdout).toContain('view 2 of era 1: 1 nodes');
  cluster.signal(stopped, 'SIGCONT');
  expect(await cluster.end(stopped)).toBe(3);
  await cluster.join(survivor);
  expect((await jbstore(['get', 'new', ...at])).stdout).toBe('value');
});

test('what cannot be done is refused, with what to do', async () => {
  const cluster = new Nodes();
  await cluster.begin(2, 2);
  const at = ['--connect', cluster.at(0)];

  const few = await jbstore(['leave', cluster.at(1), ...at]);
  const stranger = await jbstore(['replace', '127.0.0.1:1', '--by', '127.0.0.1:2', ...at]);
  const nobody = await jbstore(['join', `127.0.0.1:${await freePort()}`, '--timeout', '1s']);

  expect(few).toMatchObject({ code: 2, stdout: '' });
  expect(few.stderr).toContain('let another one join first');
  expect(stranger).toMatchObject({ code: 2, stdout: '' });
  expect(stranger.stderr).toContain('127.0.0.1:1 is no member');
  expect(nobody.code).toBe(3);
  expect(nobody.stderr).toContain('cannot reach a cluster');
});
