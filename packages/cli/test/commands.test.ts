import { startNode, type RunningNode } from '@jbstore/node';
import fc from 'fast-check';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';

import { run } from '../src/program';

// The commands in this process, against nodes in this process: only the sockets are real.

// A machine may be busy with something else.
jest.setTimeout(60_000);
const patience = ['--timeout', '20s'];

let nodes: readonly RunningNode[];
let at: readonly string[];
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jbstore-cli-'));
  const common = { nodes: 3, port: 0, metricsPort: 0, logLevel: 'silent' } as const;
  const first = await startNode(common);
  const place = placeOf(first);
  const others = await Promise.all([1, 2].map(() => startNode({ ...common, join: place })));
  nodes = [first, ...others];
  await Promise.all(nodes.map((node) => node.ready));
  at = ['--connect', nodes.map(placeOf).join(','), ...patience];
});

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await rm(directory, { recursive: true });
});

function placeOf({ address }: RunningNode): string {
  return address.slice(address.indexOf('@') + 1);
}

/** A stream that keeps what is written to it. */
class Kept extends Writable {
  bytes = Buffer.alloc(0);

  constructor(readonly isTTY: boolean) {
    super();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.bytes = Buffer.concat([this.bytes, chunk]);
    done();
  }

  get text(): string {
    return this.bytes.toString();
  }
}

async function jbstore(
  words: readonly string[],
  { stdin = '', terminal = false }: { stdin?: string | Uint8Array; terminal?: boolean } = {},
): Promise<{ code: number; stdout: string; stderr: string; bytes: Buffer }> {
  const io = {
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: new Kept(terminal),
    stderr: new Kept(false),
  };
  const code = await run(words, io);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text, bytes: io.stdout.bytes };
}

describe('values', () => {
  test('what is put is got, and nothing is added but on a terminal', async () => {
    expect(await jbstore(['put', 'greeting', 'hello', ...at])).toMatchObject({
      code: 0,
      stdout: 'OK\n',
      stderr: '',
    });

    const get = ['get', 'greeting', ...at];
    expect((await jbstore(get)).stdout).toBe('hello');
    expect((await jbstore(get, { terminal: true })).stdout).toBe('hello\n');
    expect((await jbstore([...get, '--newline'])).stdout).toBe('hello\n');
    expect((await jbstore([...get, '--no-newline'], { terminal: true })).stdout).toBe('hello');
    expect((await jbstore([...get, '--json'])).stdout).toBe('{"key":"greeting","value":"hello"}\n');
  });

  test('a key that is not there: exit code 1, and a message on standard error', async () => {
    expect(await jbstore(['get', 'nothing', ...at])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'jbstore: nothing is not in the store\n',
    });
    const { stderr } = await jbstore(['get', 'nothing', '--json', ...at]);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'ERR_NOT_FOUND', exitCode: 1 } });
  });

  test('delete removes, increment counts, cas stores what was expected, get tells the version', async () => {
    const run = async (...words: string[]): Promise<string> => {
      const { code, stdout, stderr } = await jbstore([...words, ...at]);
      return `${code} ${stdout}${stderr}`;
    };

    expect(await run('increment', 'n')).toBe('0 1\n');
    expect(await run('increment', 'n', '--by', '-43')).toBe('0 -42\n');
    expect(await run('increment', 'n', '--json')).toBe('0 {"key":"n","value":-41}\n');
    expect(await run('get', 'n', '--with-version')).toBe('0 3\n-41');
    expect(await run('get', 'n', '--with-version', '--json')).toBe(
      '0 {"key":"n","value":"-41","version":3,"era":0}\n',
    );
    expect(await run('cas', 'n', 'a', '--expect-version', '3')).toBe('0 OK\n');
    expect(await run('cas', 'n', 'b', '--expect', 'a', '--json')).toBe(
      '0 {"ok":true,"key":"n","version":5}\n',
    );
    expect(await run('cas', 'n', 'c', '--expect', 'a')).toBe(
      '1 jbstore: under n there is something else, of version 5: it was not changed\n',
    );
    expect(await run('increment', 'n')).toMatch(/^2 jbstore: .*no whole number/);
    expect(await run('delete', 'n')).toBe('0 OK\n');
    expect(await run('delete', 'n', '--json')).toBe('0 {"ok":true,"key":"n"}\n');
    expect(await run('get', 'n')).toMatch(/^1 /);
    expect(await run('cas', 'n', 'd', '--expect', 'b')).toBe(
      '1 jbstore: under n there is nothing: it was not changed\n',
    );
    expect(await run('cas', 'n', 'd', '--expect-absent')).toBe('0 OK\n');
    expect(await run('cas', 'n', 'e')).toMatch(/^2 jbstore: say what you expect: one of --expect/);
    expect(await run('cas', 'n', 'e', '--expect', 'd', '--expect-absent')).toMatch(/^2 /);
  });

  test('any bytes come from standard input and from files, and go to standard output', () =>
    fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (value) => {
        const file = join(directory, 'value');
        await writeFile(file, value);

        const codes = [
          (await jbstore(['put', 'stdin', ...at], { stdin: value })).code,
          (await jbstore(['put', 'file', '--file', file, ...at])).code,
        ];

        expect(codes).toEqual([0, 0]);
        for (const key of ['stdin', 'file']) {
          expect((await jbstore(['get', key, ...at])).bytes.equals(value)).toBe(true);
        }
      }),
      { numRuns: 5 },
    ));

  test('the largest value and key pass, one byte more does not', async () => {
    const [key, value] = ['k'.repeat(1024), Buffer.alloc(1024 * 1024, 7)];

    expect((await jbstore(['put', key, ...at], { stdin: value })).code).toBe(0);
    expect((await jbstore(['get', key, ...at])).bytes.equals(value)).toBe(true);

    const tooLarge = await jbstore(['put', key, ...at], { stdin: Buffer.alloc(1024 * 1024 + 1) });
    expect(tooLarge).toMatchObject({ code: 2, stdout: '' });
    expect(tooLarge.stderr).toMatch(/standard input is too large: .* 1048576 bytes \(1 MiB\)/);
    const tooLong = await jbstore(['put', `${key}k`, 'v', ...at]);
    expect(tooLong).toMatchObject({ code: 2, stdout: '' });
    expect(tooLong.stderr).toMatch(/KEY is too long: it has 1025 bytes/);
    expect((await jbstore(['get', '', ...at])).code).toBe(2);
  });

  test('a key that is no text is given in base64, and shown so', async () => {
    await jbstore(['put', '/w==', 'bytes', '--key64', ...at]);

    const got = await jbstore(['get', '/w==', '--key64', '--json', ...at]);

    expect(JSON.parse(got.stdout)).toEqual({ key64: '/w==', value: 'bytes' });
    expect((await jbstore(['keys', ...at])).stdout.split('\n')).toContain('\\xff');
    expect((await jbstore(['keys', '--json', ...at])).stdout).toContain('{"key64":"/w=="}\n');
    expect((await jbstore(['get', '*', '--key64', ...at])).code).toBe(2);
  });
});

describe('import and export', () => {
  const anyEntry = fc.record({
    key: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    value: fc.uint8Array({ maxLength: 100 }),
  });

  test.each(['jsonl', 'csv'])('%s: entries of any bytes make a round trip', (format) =>
    fc.assert(
      fc.asyncProperty(fc.array(anyEntry, { minLength: 1, maxLength: 50 }), async (entries) => {
        const lines = entries.map(({ key, value }) =>
          JSON.stringify({ key64: base64(key), value64: base64(value) }),
        );
        const others = entries.map(({ key }) => `{"key64":"${base64(key)}","value":"other"}`);
        const file = join(directory, `entries.${format}`);

        const outcomes = [
          await jbstore(['import', '-', ...at], { stdin: lines.join('\n') }),
          await jbstore(['export', file, ...at]),
          await jbstore(['import', '-', ...at], { stdin: others.join('\n') }),
          await jbstore(['import', file, ...at]),
        ];
        const exported = await jbstore(['export', '--format', format, ...at]);

        expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
        expect(exported.stdout).toBe(await readFile(file, 'utf8'));
        const json = await jbstore(['export', ...at]);
        const found = new Map(json.stdout.trim().split('\n').map(entryOfLine));
        for (const [key, value] of new Map(entries.map((e) => [base64(e.key), e.value]))) {
          expect([key, found.get(key)]).toEqual([key, base64(value)]);
        }
      }),
      { numRuns: 3 },
    ),
  );

  test('of entries with the same key the last one counts', async () => {
    const lines = Array.from({ length: 50 }, (_, index) => `{"key":"same","value":"${index}"}`);

    const { code, stderr } = await jbstore(['import', '-', ...at], { stdin: lines.join('\n') });

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect((await jbstore(['get', 'same', ...at])).stdout).toBe('49');
  });

  test('a malformed line of a file: its number, what is wrong, and nothing is stored', async () => {
    const file = join(directory, 'malformed.jsonl');
    await writeFile(file, '{"key":"before","value":"1"}\n{"key":"bad"}\n');

    const imported = await jbstore(['import', file, ...at]);

    expect(imported).toMatchObject({ code: 2, stdout: '' });
    expect(imported.stderr).toBe(
      `jbstore: ${file}, line 2: value is missing: give value or value64\n`,
    );
    expect((await jbstore(['get', 'before', ...at])).code).toBe(1);
  });

  test('a malformed line of standard input: what came before is stored, and counted', async () => {
    const stdin = '{"key":"came before","value":"1"}\nnonsense\n';

    const { code, stderr } = await jbstore(['import', '-', ...at], { stdin });

    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^stored 1 entry before this:\njbstore: standard input, line 2: this is no/,
    );
    expect((await jbstore(['get', 'came before', ...at])).code).toBe(0);
  });

  test('a report says how many and how fast', async () => {
    const file = join(directory, 'report.csv');
    await writeFile(file, 'key,value\na,1\nb,2\n');

    const text = await jbstore(['import', file, ...at]);
    const json = await jbstore(['import', file, '--json', ...at]);

    expect(text.stdout).toMatch(/^imported 2 entries in [\d.]+ s \([\d,]+\/s\)\n$/);
    expect(JSON.parse(json.stdout)).toMatchObject({ imported: 2 });
  });

  test.each([
    [['import', 'entries.txt'], 'add --format jsonl or --format csv'],
    [['import', 'absent.csv'], 'ENOENT'],
    [['export', '/nowhere/entries.csv'], 'ENOENT'],
    [['put', 'a', '--file', 'absent'], 'ENOENT'],
  ])('%j: exit code 2, %s', async (words, expected) => {
    const { code, stderr } = await jbstore([...words, ...at]);

    expect(code).toBe(2);
    expect(stderr).toContain(expected);
    expect(stderr).not.toContain('    at ');
  });

  test('an export that fails leaves nothing half done', async () => {
    const unavailable = ['--connect', '127.0.0.1:1', '--timeout', '100ms'];
    const before = await readdir(directory);

    const { code } = await jbstore(['export', join(directory, 'never.csv'), ...unavailable]);

    expect(code).toBe(3);
    expect(await readdir(directory)).toEqual(before);
  });
});

describe('views of the cluster', () => {
  test('keys lists what was put, one a line, no more than asked for', async () => {
    await jbstore(['put', 'listed\nkey', 'v', ...at]);

    expect((await jbstore(['keys', ...at])).stdout.split('\n')).toContain('listed\\u{a}key');
    expect((await jbstore(['keys', '--limit', '1', ...at])).stdout.split('\n')).toHaveLength(2);
  });

  test('status shows nodes, shares of the ring, suspicions and keys', async () => {
    const { stdout } = await jbstore(['status', ...at]);
    const json = await jbstore(['status', '--json', ...at]);

    for (const node of nodes) expect(stdout).toContain(placeOf(node));
    expect(stdout).toContain('suspected: none');
    const status = JSON.parse(json.stdout) as { readonly nodes: readonly object[] };
    expect(status).toMatchObject({ clusterId: 'jbstore', replication: 3 });
    expect(status.nodes).toHaveLength(3);
    for (const node of status.nodes) {
      expect(node).toMatchObject({
        suspected: false,
        reachable: true,
        keys: expect.any(Number) as number,
      });
    }
  });

  test('ring shows how the cluster is divided: as text, as a picture, and as numbers', async () => {
    const text = await jbstore(['ring', ...at]);
    const svg = await jbstore(['ring', '--format', 'svg', ...at]);
    const json = await jbstore(['ring', '--json', ...at]);

    expect(text.stdout).toContain('each key on 3 of 3 nodes; 1024 slots, 3 tokens');
    for (const node of nodes) expect(text.stdout).toContain(placeOf(node));
    expect(svg.stdout).toMatch(/^<svg [^]*<\/svg>\n$/);
    const { members } = JSON.parse(json.stdout) as { readonly members: readonly object[] };
    expect(members).toMatchObject([
      { tokens: 1, owns: 341, leads: 341, holds: 1024 },
      { tokens: 1, owns: 341, leads: 341, holds: 1024 },
      { tokens: 1, owns: 342, leads: 342, holds: 1024 },
    ]);
  });

  test('bench counts operations and their latency', async () => {
    const words = ['--seconds', '1', '--keys', '50', '--clients', '2', '--in-flight', '8'];

    const { code, stdout } = await jbstore(['bench', '--json', ...words, ...at]);

    expect(code).toBe(0);
    const result = JSON.parse(stdout) as Record<'get' | 'put', { count: number; p50Ms: number }> & {
      operations: number;
    };
    expect(result).toMatchObject({ clients: 2, inFlight: 8, failures: {} });
    expect(result.get.count).toBeGreaterThan(0);
    expect(result.get.count + result.put.count).toBe(result.operations);
    expect(result.put.p50Ms).toBeGreaterThan(0);
  });

  test('nobody there, or another cluster: exit code 3, with the reason', async () => {
    const nobody = await jbstore(['get', 'a', '--connect', '127.0.0.1:1', '--timeout', '300ms']);
    const foreign = await jbstore(['get', 'a', '--cluster-id', 'other', ...at]);

    expect(nobody).toMatchObject({ code: 3, stdout: '' });
    expect(nobody.stderr).toMatch(/cannot reach a cluster at 127\.0\.0\.1:1: .*ECONNREFUSED/);
    expect(foreign).toMatchObject({ code: 3, stdout: '' });
    expect(foreign.stderr).toContain('cluster');
  });
});

describe('graph', () => {
  /** The figures' place of the first node. */
  const there = (): string => nodes[0]?.metricsAddress ?? '';

  test('draws a node that is not running, the same in every run, in three formats', async () => {
    const [mermaid, again] = [await jbstore(['graph']), await jbstore(['graph'])];
    const dot = await jbstore(['graph', '--format', 'dot']);
    const json = await jbstore(['graph', '--format', 'json']);

    expect(mermaid).toMatchObject({ code: 0, stderr: '' });
    expect(mermaid.stdout).toMatch(/^flowchart LR\n/);
    expect(mermaid.stdout).toContain('["ExactlyOnceStore"]');
    expect(mermaid.stdout).toContain('-->|"Network, NetworkStatus"|');
    expect(again.stdout).toBe(mermaid.stdout);
    expect(dot.stdout).toMatch(/^digraph \{\n[^]* \[label="ExactlyOnceStore"\]\n[^]*\}\n$/);
    const { components, channels } = JSON.parse(json.stdout) as Record<string, object[]>;
    expect(components?.at(-1)).toEqual({
      path: 'node/StoreNode/StoreMember/SessionKeeper',
      type: 'SessionKeeper',
      ports: expect.any(Array) as object,
    });
    expect(channels?.length).toBeGreaterThan(15);
  });

  test('draws what the settings of a node make of it', async () => {
    const { stdout } = await jbstore(['graph', '--register', 'single-writer']);

    expect(stdout).toContain('["ReadImposeWriteMajority"]');
    expect(stdout).not.toContain('Consult');
  });

  test('draws a running node with what it has handled, and without on request', async () => {
    const live = await jbstore(['graph', '--node', there(), ...patience]);
    const plain = await jbstore(['graph', '--node', there(), '--plain', ...patience]);
    const json = await jbstore(['graph', '--node', there(), '--format', 'json', ...patience]);

    expect(live).toMatchObject({ code: 0, stderr: '' });
    expect(live.stdout).toMatch(/\["GroupMembership<br\/>\d+ handled(, \d+ waiting)?"\]/);
    expect(plain.stdout).toContain('["GroupMembership"]');
    expect(plain.stdout).toContain('["Journal"]');
    expect(plain.stdout).not.toContain('handled');
    expect(JSON.parse(json.stdout)).toMatchObject({ channels: expect.any(Array) as object });
    expect(json.stdout).toContain('"handledEvents":');
  });

  test('no node there: exit code 3; something else: exit code 2; each with what to do', async () => {
    const nobody = await jbstore(['graph', '--node', '127.0.0.1:1', ...patience]);
    const [first] = nodes;
    const wrongPort = await jbstore(['graph', '--node', first ? placeOf(first) : '', ...patience]);

    expect(nobody).toMatchObject({ code: 3, stdout: '' });
    expect(nobody.stderr).toMatch(/no node answers at 127\.0\.0\.1:1 \(.+\).*--metrics-port/);
    expect(wrongPort).toMatchObject({ code: 2, stdout: '' });
    expect(wrongPort.stderr).toMatch(/status 426\).*--metrics-port/);
  });

  test('a server that is silent, or answers nonsense, is no node', async () => {
    const server = createServer((_, response) => void response.end('{"components":[1]}'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const nonsense = await jbstore(['graph', '--node', `127.0.0.1:${port}`, ...patience]);
    server.removeAllListeners('request');
    const silent = await jbstore(['graph', '--node', `127.0.0.1:${port}`, '--timeout', '100ms']);
    server.closeAllConnections();
    server.close();

    expect(nonsense).toMatchObject({ code: 2, stdout: '' });
    expect(silent).toMatchObject({ code: 3, stdout: '' });
    expect(silent.stderr).toContain('silent for 100 ms');
  });
});

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function entryOfLine(line: string): readonly [string, string] {
  const { key, key64, value, value64 } = JSON.parse(line) as Record<string, string | undefined>;
  return [key64 ?? base64(Buffer.from(key ?? '')), value64 ?? base64(Buffer.from(value ?? ''))];
}

describe('force', () => {
  const lost = (...indices: number[]): string[] => [
    '--lost',
    ...indices.flatMap((index) => nodes.slice(index, index + 1).map(placeOf)),
  ];

  test('says what would be lost, and does nothing until it is told that this is meant', async () => {
    const { code, stdout, stderr } = await jbstore(['force', ...lost(1, 2), ...at]);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('1,024 slots of 1024 (100.0 %): 0-1023\n');
    expect(stderr).toContain('who decide about the cluster');
    expect(stderr).toContain('add --yes if these nodes are lost for good');
    expect((await jbstore(['status', '--json', ...at])).stdout).toContain('"era":0');
  });

  test('names slots without survivors, and what is to be said if they may begin empty', async () => {
    const all = await jbstore(['force', ...lost(0, 1, 2), ...at]);
    const one = await jbstore(['force', ...lost(1), ...at]);

    expect(all.stderr).toContain('no surviving node');
    expect(all.stderr).toContain('--begin-empty');
    expect(one.stderr).toContain('No slot is seen to have lost its majority.');
  });

  test('is refused while the nodes are alive', async () => {
    const { code, stderr } = await jbstore(['force', ...lost(1, 2), '--yes', ...at]);

    expect(code).toBe(2);
    expect(stderr).toContain('is alive as far as');
  });

  test.each([
    ['nobody is named', [], 'lost'],
    ['something else is named', ['--lost', 'n1'], 'is no address'],
    ['a stranger is named', ['--lost', '127.0.0.1:1'], '127.0.0.1:1 is no member'],
  ])('is a mistake if %s', async (_, words, text) => {
    const { code, stdout, stderr } = await jbstore(['force', ...words, ...at]);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(text);
  });
});
