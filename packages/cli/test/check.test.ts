import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';

import { run } from '../src/program';

function read(stream: PassThrough): string {
  const bytes: unknown = stream.read();
  return Buffer.isBuffer(bytes) ? bytes.toString() : '';
}

async function check(input: string | Buffer, ...words: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const stdin = Readable.from([Buffer.from(input)]);
  const code = await run(['check', '-', ...words], { stdin, stdout, stderr });
  const text = read(stdout);
  return { code, verdict: text.split('\n')[0], stdout: text, stderr: read(stderr) };
}

const put = '{"client":1,"op":"put","key":"x","value":"1","call":1,"return":3,"status":"ok"}\n';
const fresh = '{"client":2,"op":"get","key":"x","value":"1","call":4,"return":5,"status":"ok"}\n';
const stale = fresh.replace('"1"', 'null');

/** All write one value at the same time, and somebody reads another: nothing but trying all can tell. */
const hard = Array.from({ length: 24 }, (_, client) =>
  JSON.stringify({
    client,
    op: 'append',
    key: 'x',
    value: `${client}.`,
    call: 0,
    return: 9,
    status: 'ok',
  }),
)
  .concat('{"client":99,"op":"get","key":"x","value":"?","call":10,"return":11,"status":"ok"}')
  .join('\n');

describe('check', () => {
  test('linearizable: exit code 0', async () => {
    expect(await check(put + fresh)).toMatchObject({ code: 0, stdout: 'linearizable\n' });
    expect(await check('')).toMatchObject({ code: 0, stdout: 'linearizable\n' });
  });

  test('not linearizable: exit code 1, what is wrong, and a page on request', async () => {
    const page = join(mkdtempSync(join(tmpdir(), 'jbstore-')), 'why.html');

    const { code, verdict, stdout, stderr } = await check(put + stale, '--html', page);

    expect({ code, verdict }).toStrictEqual({ code: 1, verdict: 'not linearizable' });
    expect(stdout).toContain('✗ client 2: get x → nil  [4, 5]');
    expect(stderr).toContain('jbstore: standard input is not linearizable: get x → nil');
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>[^]*<svg/);
  });

  test('--json: the verdict and what is wrong as one object, with the same exit codes', async () => {
    const sound = await check(put + fresh, '--json');
    const unsound = await check(put + stale, '--json');
    const undecided = await check(hard, '--timeout', '0.05', '--json');

    expect(sound.code).toBe(0);
    expect(JSON.parse(sound.stdout)).toMatchObject({
      ...{ verdict: 'linearizable', source: 'standard input', operations: 2 },
    });
    expect(unsound.code).toBe(1);
    expect(JSON.parse(unsound.stdout)).toMatchObject({
      verdict: 'not linearizable',
      failure: { part: 'x', linearizablePrefix: 2, unplaced: { client: 2, op: 'get' } },
    });
    expect(JSON.parse(unsound.stderr)).toMatchObject({ error: { exitCode: 1 } });
    expect(undecided.code).toBe(3);
    expect(JSON.parse(undecided.stdout)).toMatchObject({ verdict: 'unknown', shortage: 'time' });
  });

  test('a limit that is met: unknown, exit code 3, and what to do', async () => {
    const { code, stdout, stderr } = await check(hard, '--timeout', '0.05');

    expect({ code, stdout }).toStrictEqual({ code: 3, stdout: 'unknown\n' });
    expect(stderr).toContain('give a longer --timeout');
  });

  test('a malformed history: exit code 2, with line and column, and no verdict', async () => {
    const bytes = Buffer.concat([Buffer.from(`${put}{"client":"`), Buffer.from([0xff])]);

    expect(await check(`${put}{"client":3}`)).toMatchObject({ code: 2, stdout: '' });
    expect((await check(`${put}{"client":3}`)).stderr).toContain(
      'jbstore: standard input, line 2, column 1: call is missing',
    );
    expect((await check(bytes)).stderr).toContain('line 2, column 12: this is no UTF-8 text');
  });

  test('a model or an algorithm that does not fit: exit code 2', async () => {
    expect(await check(put, '--model', 'mutex')).toMatchObject({ code: 2, stdout: '' });
    const repeated = put + put.replace('"client":1', '"client":2');
    expect(await check(repeated, '--algorithm', 'zones')).toMatchObject({ code: 2, stdout: '' });
    expect((await check(repeated, '--algorithm', 'search')).code).toBe(0);
  });

  test('the semantics of a format hold unless the model says otherwise', async () => {
    const write = '{:process 1 :type :invoke :f :write :value 1}';
    const readNil = '{:process 1 :type :invoke :f :read :value nil}';
    const events = [write, readNil].flatMap((event) => [event, event.replace('invoke', 'ok')]);
    const text = `[${events.join('\n')}]`;

    expect(await check(text, '--model', 'cas-register(0)')).toMatchObject({ code: 0 });
    expect(await check(text, '--model', 'cas-register(0)/porcupine-semantics')).toMatchObject({
      code: 1,
    });
  });
});
