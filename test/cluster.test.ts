import { System } from '@jbstore/core';
import { ViewReply, ViewRequest, firstView } from '@jbstore/gms/port';
import { Listening, ProcessId, WebSocketNetwork, type Address } from '@jbstore/network';

import {
  build,
  Command,
  endAll,
  eventually,
  freePort,
  jbstore,
  lives,
  patienceMs,
  RunningCluster,
} from './processes/jbstore';

// Real processes and real sockets on free ports: what a user of the command sees.

let cluster: RunningCluster;
let at: readonly string[];

beforeAll(async () => {
  build();
  cluster = await RunningCluster.start(['--nodes', '3', '--replication', '3']);
  at = ['--connect', cluster.addresses.join(',')];
}, 2 * patienceMs);

afterAll(endAll);

jest.setTimeout(patienceMs);

test('what is put at one node is got at another', async () => {
  const put = await jbstore(['put', 'greeting', 'hello', '--connect', cluster.node(0).address]);
  const got = await jbstore(['get', 'greeting', '--connect', cluster.node(1).address]);

  expect(put).toMatchObject({ code: 0, stdout: 'OK\n' });
  expect(got).toMatchObject({ code: 0, stdout: 'hello', stderr: '' });
});

test('a key that is not there: exit code 1, and a message on standard error', async () => {
  const got = await jbstore(['get', 'nothing', ...at]);

  expect(got).toMatchObject({ code: 1, stdout: '' });
  expect(got.stderr).toBe('jbstore: nothing is not in the store\n');
});

test('a value goes in and out through pipes, byte for byte', async () => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) & 0xff));

  const put = await jbstore(['put', 'piped', ...at], bytes);
  const get = new Command(['get', 'piped', ...at]);

  expect(put.code).toBe(0);
  expect((await get.exited).code).toBe(0);
  expect(get.stdoutBytes.equals(bytes)).toBe(true);
});

test('who reads only the first keys ends the listing without a word', async () => {
  const lines = Array.from({ length: 2_000 }, (_, n) => `{"key":"pipe/${n}","value":"${n}"}`);
  await jbstore(['import', '-', ...at], lines.join('\n'));
  const keys = new Command(['keys', ...at]);
  keys.child.stdout?.once('data', () => keys.child.stdout?.destroy());

  expect(await keys.exited).toMatchObject({ code: 0, stderr: '' });
});

test('a put that gets no answer: exit code 4, and that it may have been done', async () => {
  const silent = new System('silent');
  const id = ProcessId.parse(silent.seed);
  const network = silent.create(WebSocketNetwork, {
    id,
    clusterId: 'jbstore',
    listen: { host: '127.0.0.1', port: 0 },
  });
  const listening = new Promise<Address>((resolve) => {
    silent.clientOf(network.status).upon(Listening, ({ address }) => {
      resolve(address);
    });
  });
  const messages = silent.clientOf(network.network);
  await silent.start();
  const self = await listening;
  const settings = { clusterId: 'jbstore', replication: 1, register: 'multi-writer' } as const;
  const view = firstView(settings, [self]);
  messages.upon(ViewRequest, ({ source }) => {
    messages.next(new ViewReply(source, { view, suspected: [] }));
  });
  const place = self.slice(self.indexOf('@') + 1);

  const put = await jbstore(['put', 'a', 'b', '--connect', place, '--timeout', '1s']);
  const get = await jbstore(['get', 'a', '--connect', place, '--timeout', '1s']);
  await silent[Symbol.asyncDispose]();

  expect(put).toMatchObject({ code: 4, stdout: '' });
  expect(put.stderr).toMatch(/^jbstore: /);
  expect(get).toMatchObject({ code: 3, stdout: '' });
});

test('three nodes started by hand, the first one last, make a cluster', async () => {
  const port = await freePort();
  const join = ['--nodes', '3', '--port', '0', '--join', `127.0.0.1:${port}`];
  const second = new Command(['node', ...join]);
  const third = new Command(['node', ...join]);
  await Promise.all([second, third].map((node) => node.until('listening', listening)));
  const first = new Command(['node', '--nodes', '3', '--port', `${port}`]);

  const places = await Promise.all(
    [first, second, third].map((node) => node.until('ready', ready)),
  );

  const put = await jbstore(['put', 'a', 'b', '--connect', places[2] ?? '']);
  const got = await jbstore(['get', 'a', '--connect', places[1] ?? '']);
  expect(put.code).toBe(0);
  expect(got).toMatchObject({ code: 0, stdout: 'b' });
  const stopped = await Promise.all([first, second, third].map((node) => node.stop()));
  expect(stopped.map(({ code }) => code)).toEqual([0, 0, 0]);
});

test('SIGTERM stops a cluster and all its nodes, gracefully', async () => {
  const other = await RunningCluster.start(['--nodes', '3']);

  const { code, stderr } = await other.stop();

  expect(code).toBe(0);
  expect(stderr.match(/"message":"stopped"/g)).toHaveLength(3);
  expect(other.nodes.filter(({ pid }) => lives(pid))).toEqual([]);
});

test('so does Ctrl-C, which a terminal sends to the nodes as well', async () => {
  const other = await RunningCluster.start(['--nodes', '3']);

  for (const index of [0, 1, 2]) other.signal(index, 'SIGINT');
  other.command.child.kill('SIGINT');
  const { code, stdout, stderr } = await other.command.exited;

  expect(code).toBe(0);
  expect(stdout).not.toContain('"event":"lost"');
  expect(stderr.match(/"message":"stopped"/g)).toHaveLength(3);
});

test('a second signal kills what the first one does not stop', async () => {
  const other = await RunningCluster.start(['--nodes', '3']);
  other.signal(1, 'SIGSTOP');

  const { child, exited } = other.command;
  child.kill('SIGINT');
  const others = /"name":"n[13]".*"message":"stopped"/;
  await other.command.until('two stopped nodes', ({ stderr }) =>
    stderr.split('\n').filter((line) => others.test(line)).length === 2 ? true : undefined,
  );
  // Signals that come at once count as one.
  await eventually('the command ended', () => !child.kill('SIGINT') || child.exitCode !== null);

  expect((await exited).code).toBe(130);
  expect(other.nodes.filter(({ pid }) => lives(pid))).toEqual([]);
});

test('nodes do not outlive a cluster command that was killed', async () => {
  const other = await RunningCluster.start(['--nodes', '3']);

  other.command.child.kill('SIGKILL');
  await other.command.exited;

  await eventually('all nodes ended', () => !other.nodes.some(({ pid }) => lives(pid)));
});

test('a cluster says that it lost a node, and goes on', async () => {
  const other = await RunningCluster.start(['--nodes', '3']);

  other.signal(1, 'SIGKILL');

  const lost = await other.command.until('report', ({ stdout }) =>
    stdout.split('\n').find((line) => line.includes('"event":"lost"')),
  );
  expect(JSON.parse(lost)).toMatchObject({ name: 'n2', how: 'was ended by SIGKILL' });
  const got = await jbstore(['get', 'nothing', '--connect', other.addresses.join(',')]);
  expect(got.code).toBe(1);
  expect((await other.stop()).code).toBe(0);
});

/** Where a node says that it listens. */
function listening({ stderr }: Command): string | undefined {
  return /"address":"[0-9a-f]+@([^"]+)","message":"listening"/.exec(stderr)?.[1];
}

function ready(node: Command): string | undefined {
  return node.stderr.includes('the cluster is complete') ? listening(node) : undefined;
}
