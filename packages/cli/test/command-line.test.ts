import { settingDescriptions } from '@jbstore/node';
import { PassThrough, Readable } from 'node:stream';

import { run, programOf } from '../src/program';

function terminal(): { io: Parameters<typeof run>[1]; stdout: PassThrough; stderr: PassThrough } {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  return { io: { stdin: Readable.from([]), stdout, stderr }, stdout, stderr };
}

async function jbstore(
  ...words: readonly string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { io, stdout, stderr } = terminal();
  const code = await run(words, io);
  return { code, stdout: read(stdout), stderr: read(stderr) };
}

function read(stream: PassThrough): string {
  const bytes: unknown = stream.read();
  return Buffer.isBuffer(bytes) ? bytes.toString() : '';
}

const names = programOf(terminal().io).commands.map((command) => command.name());

test.each(names)('%s --help: exit code 0, with an example and the exit codes', async (name) => {
  const { code, stdout, stderr } = await jbstore(name, '--help');

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(new RegExp(`Examples?:\n  \\$ .*jbstore ${name}`));
  expect(stdout).toMatch(/Exit codes:\n {3}0 {2}done/);
});

test('node has a flag for every setting of a node, and says its default', async () => {
  const { stdout } = await jbstore('node', '--help');

  for (const { flag } of settingDescriptions) expect(stdout).toContain(`  ${flag}`);
  expect(stdout.replace(/\s+/g, ' ')).toContain('0 takes any free one (default: 7100)');
});

test('simulate --help names the scenarios', async () => {
  const { stdout } = await jbstore('simulate', '--help');

  expect(stdout).toMatch(/Scenarios:\n {2}quiet +five nodes.*\n {2}standard +five nodes/);
});

test('without a command it shows the help, and exits with 2', async () => {
  const { code, stderr } = await jbstore();

  expect(code).toBe(2);
  expect(stderr).toContain('Usage: jbstore');
});

test.each([
  [['gut'], "unknown command 'gut'\n(Did you mean"],
  [['get'], "missing required argument 'key'\nSee `jbstore get --help`."],
  [['get', 'a', 'b'], 'too many arguments'],
  [['get', 'a', '--tiemout', '5'], "unknown option '--tiemout'\n(Did you mean --timeout?)"],
  [['increment', 'a', '--by', '1.5'], 'Give a whole number, such as 5 or -5.'],
  [['cas', 'a', 'b', '--expect-version', '0'], 'Give a whole number from 1 to'],
  [['get', 'a', '--timeout', '5 s'], 'Give a time from 1ms to 24h, such as 500ms, 5s or 1m.'],
  [['get', 'a', '--timeout', '0'], 'Give a time from 1ms'],
  [['get', 'a', '--connect', 'localhost'], 'Give host:port'],
  [['get', 'a', '--connect', 'a:1,b:99999'], '"b:99999" is no address'],
  [['put', 'a', 'b', '--file', 'c'], 'VALUE and --file are both there'],
  [['put', 'a', '-b'], "unknown option '-b'"],
  [['bench', '--read-fraction', '1.5'], 'Give a number from 0 to 1.'],
  [['bench', '--clients', '0'], 'Give a whole number from 1 to 256.'],
  [['graph', '--format', 'svg'], 'Allowed choices are mermaid, dot, json.'],
  [['graph', '--node', '127.0.0.1'], 'Give host:port, such as 127.0.0.1:9100.'],
  [['graph', '--register', 'none'], 'register'],
  [['check', 'a', '--algorithm', 'magic'], 'Allowed choices are auto, search, zones.'],
  [['check', 'a', '--timeout', 'soon'], 'Give a time from 1ms'],
  [['check', '/nowhere.jsonl'], "no such file or directory, open '/nowhere.jsonl'"],
  [['check', '-', '--model', 'stack'], 'stack names no model: there are register(nil), '],
  [['import', 'a', '--format', 'xml'], 'Allowed choices are jsonl, csv.'],
  [['node', '--port', '65536'], 'must be a whole number from 0 to 65535'],
  [['node', '--nodes', '2', '--replication', '3'], 'must be at most the number of nodes, 2'],
  [['node', '--host', '10.0.0.1'], '--allow-remote'],
  [['node', '--config', '/nowhere.json'], '/nowhere.json cannot be read'],
  [['cluster', '--nodes', '2', '--replication', '3'], 'must be at most the number of nodes, 2'],
  [['cluster', '--nodes', '3', '--port', '65534'], 'need ports over 65535'],
  [['cluster', '--join', '127.0.0.1:7100'], "unknown option '--join'"],
  [['simulate', '--scenario', 'none'], 'there is no scenario none: take one of quiet, standard'],
  [['simulate', '--seeds', '9..3'], 'Give the first seed and the last, such as 1..100.'],
  [['simulate', '--seeds', '12'], 'Give the first seed and the last, such as 1..100.'],
  [['simulate', '--replay', '-1'], 'Give a whole number from 0 to 999999999999999.'],
  [['simulate', '--replay', '1', '--seeds', '1..2'], 'cannot be used with'],
  [['simulate', '--workers', '0'], 'Give a whole number from 1 to 256.'],
  [['simulate', '--plan', '/nowhere.json'], '/nowhere.json'],
  [['simulate', '--report', '/nowhere/page.html'], '/nowhere'],
])('%j: exit code 2, and what to do, without a stack', async (words, expected) => {
  const { code, stdout, stderr } = await jbstore(...words);

  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(expected);
  expect(stderr).toMatch(/^jbstore: /);
  expect(stderr).not.toContain('    at ');
});

test('--json makes errors JSON', async () => {
  const { code, stderr } = await jbstore('get', 'a', '--bogus', '--json');

  expect(code).toBe(2);
  expect(JSON.parse(stderr)).toEqual({
    error: { code: 'ERR_USAGE', exitCode: 2, message: "unknown option '--bogus'" },
  });
});
