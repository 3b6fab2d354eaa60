import { monitorEventLoopDelay } from 'node:perf_hooks';

import { startNode, type NodeSettings } from '@jbstore/node';

/** What a node tells the benchmark that started it. */
export type NodeReport =
  | { readonly type: 'listening'; readonly address: string }
  | { readonly type: 'ready' }
  | NodeFigures;

/** The answer to the message `figures`. */
export interface NodeFigures {
  readonly type: 'figures';
  /** What the process takes after a collection, which needs `--expose-gc`. */
  readonly residentBytes: number;
  /** Since it was asked before, or began. */
  readonly longestDelayMs: number;
}

/** A node in a process of its own; it ends when the channel to whoever started it is closed. */
async function main(settings: NodeSettings): Promise<void> {
  const node = await startNode(settings);
  process.once('disconnect', () => void node.stop());
  const { host, port } = node.configuration;
  tell({ type: 'listening', address: `${host}:${port}` });
  await node.ready;
  tell({ type: 'ready' });
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  process.on('message', (message) => {
    if (message !== 'figures') return;
    const longestDelayMs = delay.max / 1e6;
    for (let time = 0; time < 3; time += 1) globalThis.gc?.();
    tell({ type: 'figures', residentBytes: process.memoryUsage.rss(), longestDelayMs });
    // The collection is no delay of the node's own.
    setTimeout(() => delay.reset(), 50);
  });
  await node.stopped;
}

function tell(report: NodeReport): void {
  process.send?.(report);
}

void main(JSON.parse(process.argv[2] ?? '{}') as NodeSettings);
