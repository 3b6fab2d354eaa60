import { perform } from '../trials/perform';
import { plotOf } from '../trials/plot';
import { linesOf } from '../trials/report';
import { smallTrials } from '../trials/trials';
import { build, Command, endAll, eventually, freePort, jbstore, patienceMs } from './jbstore';
import { Nodes } from './nodes';

// Clusters of processes that change while clients use them: what operators do, and what befalls them.

/** Leaves a processor for other tests; `npm run trial` has writers that never rest. */
const pace = { writers: 16, restMs: 25 };

jest.setTimeout(6 * patienceMs);

beforeAll(build, 2 * patienceMs);

afterEach(endAll);

for (const trial of smallTrials) {
  test(`${trial.about}: every request is performed once, and none fails`, async () => {
    const performance = await perform(trial, pace, () => undefined);

    process.stdout.write(`${linesOf(performance).join('\n')}\n`);
    expect(performance.errors).toEqual([]);
    expect(performance.violations).toEqual([]);
    expect(performance.verdict).toBe('linearizable');
    expect(plotOf(performance)).toContain('</svg>');
  });
}

test('status --watch shows views, who leads, and what is on the move, until it is ended', async () => {
  const cluster = new Nodes();
  await cluster.begin(2, 2);
  const words = ['status', '--watch', '--every', '200ms', '--json', '--connect', cluster.at(0)];
  const watch = new Command(words);
  const shown = (): { readonly view: number; readonly leader?: string }[] =>
    watch.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as { view: number });
  await watch.until('a leader', () => shown().some(({ leader }) => leader) || undefined);

  await cluster.join();
  await watch.until('a later view', () => shown().some(({ view }) => view > 1) || undefined);
  const { code } = await watch.stop();

  expect(code).toBe(0);
  expect(shown().at(-1)).toMatchObject({ nodes: expect.any(Array) as object[] });
});

test('most nodes are lost for good, and the rest go on in another era with what they have, by the command', async () => {
  const cluster = new Nodes();
  await cluster.begin(3, 3);
  const [dead, stopped, survivor] = [cluster.at(0), cluster.at(1), cluster.at(2)];
  const at = ['--connect', survivor];
  await jbstore(['put', 'kept', 'by all', ...at]);
  await cluster.kill(dead);
  cluster.signal(stopped, 'SIGSTOP');
  expect(await jbstore(['get', 'kept', '--timeout', '1s', ...at])).toMatchObject({ code: 3 });

  const words = ['force', '--lost', dead, stopped, ...at];
  const warned = await jbstore(words);
  expect(warned).toMatchObject({ code: 2, stdout: '' });
  expect(warned.stderr).toContain('1,024 slots of 1024 (100.0 %): 0-1023');
  expect(warned.stderr).toContain('add --yes');
  // Until both are suspected it is refused, as they may be alive.
  await eventually('it is done', async () => {
    const { code, stdout, stderr } = await jbstore([...words, '--yes']);
    expect(code === 0 ? stdout : stderr).toMatch(code === 0 ? 'era 1 begins' : 'is alive');
    return code === 0;
  });

  expect((await jbstore(['get', 'kept', ...at])).stdout).toBe('by all');
  const read = await jbstore(['get', 'kept', '--with-version', '--json', ...at]);
  expect(JSON.parse(read.stdout)).toMatchObject({ value: 'by all', era: 1 });
  expect(await jbstore(['put', 'new', 'value', ...at])).toMatchObject({ code: 0 });
  expect((await jbstore(['status', ...at])).stdout).toContain('view 2 of era 1: 1 nodes');
  cluster.signal(stopped, 'SIGCONT');
  await cluster.endsWith(stopped, 3);
  await cluster.join(survivor);
  expect((await jbstore(['get', 'new', ...at])).stdout).toBe('value');
});

test('what cannot be done is refused, with what to do', async () => {
  const cluster = new Nodes();
  await cluster.begin(2, 2);
  const at = ['--connect', cluster.at(0)];

  const few = await jbstore(['leave', cluster.at(1), ...at]);
  const stranger = await jbstore(['replace', '127.0.0.1:1', '--by', '127.0.0.1:2', ...at]);
  const nobody = await jbstore(['join', `127.0.0.1:${await freePort()}`, '--timeout', '1s']);

  expect(few).toMatchObject({ code: 2, stdout: '' });
  expect(few.stderr).toContain('let another one join first');
  expect(stranger).toMatchObject({ code: 2, stdout: '' });
  expect(stranger.stderr).toContain('127.0.0.1:1 is no member');
  expect(nobody.code).toBe(3);
  expect(nobody.stderr).toContain('cannot reach a cluster');
});
