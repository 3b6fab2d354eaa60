import { startNode, type NodeSettings } from '@jbstore/node';

/** What a node tells the benchmark that started it. */
export type NodeReport =
  { readonly type: 'listening'; readonly address: string } | { readonly type: 'ready' };

/** A node in a process of its own; it ends when the channel to whoever started it is closed. */
async function main(settings: NodeSettings): Promise<void> {
  const node = await startNode(settings);
  process.once('disconnect', () => void node.stop());
  const { host, port } = node.configuration;
  tell({ type: 'listening', address: `${host}:${port}` });
  await node.ready;
  tell({ type: 'ready' });
  await node.stopped;
}

function tell(report: NodeReport): void {
  process.send?.(report);
}

void main(JSON.parse(process.argv[2] ?? '{}') as NodeSettings);
