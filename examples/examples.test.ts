import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

import { parseAddress } from '@jbstore/network/port';
import { startNode } from '@jbstore/node';

/** What an example, run as the README says, prints; it must end well. */
async function run(name: string, ...given: string[]): Promise<string[]> {
  const source = ['-C', 'source', '-r', 'ts-node/register'];
  const child = spawn(process.execPath, [...source, join(__dirname, name), ...given], {
    cwd: join(__dirname, '..'),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', error: '' };
  child.stdout.on('data', (text) => (said.out += String(text)));
  child.stderr.on('data', (text) => (said.error += String(text)));
  const code = await new Promise((resolve) => {
    child.on('close', resolve);
  });
  expect({ code, error: said.error }).toStrictEqual({ code: 0, error: '' });
  return said.out.trimEnd().split('\n');
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => {
            resolve((server.address() as AddressInfo).port);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

describe('the examples run as they stand', () => {
  test('ping-pong', async () => {
    const lines = [1, 2, 3].flatMap((round) => [`ping ${String(round)}`, `pong ${String(round)}`]);
    expect(await run('ping-pong.ts')).toStrictEqual(lines);
  });

  test('failure detector', async () => {
    const lines = await run('failure-detector.ts');
    expect(lines.map((line) => line.slice(line.indexOf(':') + 2)).sort()).toStrictEqual([
      'p suspects r',
      'q suspects r',
    ]);
  });

  test('operators', async () => {
    const expected = ['two warnings: 35 and 31', 'two warnings: 40 and 33'];
    expect(await run('operators.ts')).toStrictEqual(expected);
  });

  test('a pipeline whose stage is replaced under load', async () => {
    const lines = await run('pipeline.ts');
    expect(lines).toStrictEqual([
      '50000 invoices so far: replacing the stage, while more come',
      '100000 orders, 100000 invoices, in order',
      expect.stringMatching(/^version 1: [1-9]\d+ cents$/),
      expect.stringMatching(/^version 2: [1-9]\d+ cents$/),
    ]);
  });

  test('a tree that heals', async () => {
    expect(await run('healing-tree.ts')).toStrictEqual([
      ...['page 1', 'page 2', 'page 3'],
      '  Error: the tray is empty: restart street/Shop/Printer',
      'page 4',
      '  Error: page 5 is a blot: resume street/Shop/Printer',
      '  page 5 is a dead letter: faulted',
      '  Error: page 5 is a blot: escalate street/Shop/Printer',
      '  Error: page 5 is a blot: restart street/Shop',
      '  page 5 is a dead letter: faulted',
      ...['page 6', 'page 7', 'page 8'],
    ]);
  });

  test('embedded store', async () => {
    expect(await run('embedded-store.ts')).toStrictEqual([
      'green is greenish',
      'violet is undefined',
      'with one node stopped, blue is blueish',
      'the keys are blue, green, red',
    ]);
  });

  test('custom node', async () => {
    const [first, ...rest] = await run('custom-node.ts', ...(await freePorts(3)).map(String));
    expect(first).toBe('the store says hello');
    expect(rest).toHaveLength(6);
    expect(rest[0]).toBe('n0 hears of the load of n1');
  });

  test('client', async () => {
    await using node = await startNode({ port: 0, nodes: 1, replication: 1, logLevel: 'silent' });
    const place = `127.0.0.1:${String(parseAddress(node.address).port)}`;
    expect(await run('client.ts', place)).toStrictEqual([
      '12 squared is 144',
      '100 squares are stored',
      'aborted: no longer wanted',
    ]);
  });
});
