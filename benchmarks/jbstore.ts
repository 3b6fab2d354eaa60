import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

import { connect } from '@jbstore/client';
import { type NodeSettings } from '@jbstore/node';

import { type Servers } from './servers';
import { type NodeReport } from './store-process';
import { type StoreSubject } from './store-subject';

const nodes = 3;
const replication = 3;

/**
 * A cluster of node processes. They run the sources, as this process does; what TypeScript compiles
 * them to is what the packages hold, so that only the start differs.
 */
export async function startJbstore(servers: Servers): Promise<StoreSubject> {
  const first = startNodeProcess(servers, { nodes, replication });
  const { address } = await first.listening;
  const others = Array.from({ length: nodes - 1 }, () =>
    startNodeProcess(servers, { nodes, replication, join: address }),
  );
  const members = [first, ...others];
  await Promise.all(members.map(({ ready }) => ready));

  const store = await connect(address);
  return {
    parameters: { nodes, replication, connections: nodes },
    pids: members.map(({ child }) => child.pid ?? 0),
    put: (key, value) => store.put(key, value),
    get: (key) => store.get(key),
    close: () => store.close(),
  };
}

interface NodeProcess {
  readonly child: ChildProcess;
  readonly listening: Promise<Extract<NodeReport, { readonly type: 'listening' }>>;
  readonly ready: Promise<NodeReport>;
}

function startNodeProcess(servers: Servers, settings: NodeSettings): NodeProcess {
  const child = fork(join(__dirname, 'store-process.ts'), [JSON.stringify(settings)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  servers.add(child);
  return { child, listening: reported(child, 'listening'), ready: reported(child, 'ready') };
}

/** Resolves with the report of this type; rejects if the process ends before. */
function reported<Type extends NodeReport['type']>(
  child: ChildProcess,
  type: Type,
): Promise<Extract<NodeReport, { readonly type: Type }>> {
  const promise = new Promise<Extract<NodeReport, { readonly type: Type }>>((resolve, reject) => {
    child.on('message', (message) => {
      const report = message as NodeReport;
      if (isOfType(report, type)) resolve(report);
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(new Error(`a node ended before it was ${type}: ${signal ?? `exit code ${code}`}`));
    });
  });
  // Whoever waits for it sees the failure; after that it is no fault that a process ends.
  promise.catch(() => undefined);
  return promise;
}

function isOfType<Type extends NodeReport['type']>(
  report: NodeReport,
  type: Type,
): report is Extract<NodeReport, { readonly type: Type }> {
  return report.type === type;
}
