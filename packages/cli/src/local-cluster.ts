import type { NodeConfiguration } from '@jbstore/node';

import { LocalNode } from './local-node';

/** Who is told what happens in a {@link LocalCluster}. */
export interface LocalClusterWatcher {
  /** A line of the log of a node. */
  line(node: string, line: string): void;
  /** A node ended though nobody asked it to; the others go on. */
  lost(node: LocalNode, how: string): void;
}

/** Nodes that do not stop in this time are killed. */
const patienceMs = 8_000;

/** A cluster of node processes on this machine. */
export class LocalCluster {
  readonly #settings: NodeConfiguration;
  readonly #watcher: LocalClusterWatcher;
  readonly #nodes: LocalNode[] = [];
  readonly #expected = new Set<LocalNode>();
  #stopping = false;

  /** @param settings - of every node; port is that of the first, the others follow; 0 takes free ones */
  constructor(settings: NodeConfiguration, watcher: LocalClusterWatcher) {
    this.#settings = settings;
    this.#watcher = watcher;
  }

  /** The nodes end because this side wants it. */
  get stopping(): boolean {
    return this.#stopping;
  }

  get nodes(): readonly LocalNode[] {
    return this.#nodes;
  }

  get running(): readonly LocalNode[] {
    return this.#nodes.filter((node) => !node.ended);
  }

  /** Where the running nodes listen. */
  get addresses(): readonly string[] {
    return this.running.flatMap(({ address }) => (address === undefined ? [] : [address]));
  }

  /** Starts the nodes; resolves when all serve requests, rejects when one ends before that. */
  async start(): Promise<void> {
    const join = await this.#launch(this.#settingsOf(0)).listening;
    for (let index = 1; index < this.#settings.nodes && !this.#stopping; index += 1) {
      this.#launch({ ...this.#settingsOf(index), join });
    }
    await Promise.all(this.#nodes.map((node) => node.ready));
  }

  /** Starts one more node, on a free port; resolves with it when it serves requests. */
  async grow(): Promise<LocalNode> {
    const [join] = this.addresses;
    const { metricsPort } = this.#settings;
    const free = { port: 0, ...(metricsPort !== undefined && { metricsPort: 0 }) };
    const node = this.#launch({ ...this.#settings, ...free, join });
    await node.ready;
    return node;
  }

  /** Of the node that is started as number `index`. */
  #settingsOf(index: number): NodeConfiguration {
    const { port, metricsPort } = this.#settings;
    return {
      ...this.#settings,
      port: port === 0 ? 0 : port + index,
      ...(metricsPort !== undefined && { metricsPort: metricsPort && metricsPort + index }),
    };
  }

  #launch(settings: NodeConfiguration): LocalNode {
    const name = `n${this.#nodes.length + 1}`;
    const node = new LocalNode(name, settings, (line) => {
      this.#watcher.line(name, line);
    });
    this.#nodes.push(node);
    void node.exited.then((how) => {
      if (!this.#stopping && !this.#expected.has(node)) this.#watcher.lost(node, how);
    });
    return node;
  }

  /** Ends one node as a crash would; resolves when its process is gone. */
  async crash(node: LocalNode): Promise<void> {
    this.#expected.add(node);
    node.kill('SIGKILL');
    await node.exited;
  }

  /** Stops all nodes gracefully, and kills those that do not; resolves when all processes are gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const node of this.running) node.kill('SIGTERM');
    const impatience = setTimeout(() => {
      this.kill();
    }, patienceMs);
    await Promise.all(this.#nodes.map((node) => node.exited));
    clearTimeout(impatience);
  }

  /** Ends all nodes at once. */
  kill(): void {
    this.#stopping = true;
    for (const node of this.running) node.kill('SIGKILL');
  }
}
