/** A store inside a program: three nodes and a client in one process. */
import { connect } from '@jbstore/client';
import { startNode } from '@jbstore/node';
import { parseAddress } from '@jbstore/network/port';

async function main(): Promise<void> {
  const settings = { port: 0, nodes: 3, replication: 3, logLevel: 'silent' } as const;
  const first = await startNode(settings);
  const join = `127.0.0.1:${String(parseAddress(first.address).port)}`;
  const others = [await startNode({ ...settings, join }), await startNode({ ...settings, join })];

  await using store = await connect(join);
  await Promise.all(['red', 'green', 'blue'].map((colour) => store.put(colour, `${colour}ish`)));
  console.log('green is', await store.getText('green'));
  console.log('violet is', await store.getText('violet'));

  await others[0]?.stop();
  console.log('with one node stopped, blue is', await store.getText('blue'));
  const keys: string[] = [];
  for await (const key of store.keys()) keys.push(key);
  console.log('the keys are', keys.sort().join(', '));

  await others[1]?.stop();
  await first.stop();
}

void main();
