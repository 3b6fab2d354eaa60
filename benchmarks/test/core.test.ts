import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { chartOf } from '../chart';
import { scenarios } from '../core-scenarios';
import { coreSubjects } from '../core-subjects';
import { curvesOf } from '../curves';
import { Turns, type Message } from '../core-turns';
import type { Report, Row } from '../harness';
import { ratiosOf } from '../report';
import { childrenOf, isRunning, procIsHere } from './processes';

jest.setTimeout(180_000);

const root = join(__dirname, '..', '..');
const words = ['-C', 'source', '-r', 'ts-node/register', 'benchmarks/main.ts', 'core', '--quick'];
const names = scenarios.map(({ name }) => name);
const subjects = Object.keys(coreSubjects);
/** They come back to the event loop when all is done. */
const silent = ['rxjs', 'EventEmitter', 'xstate', 'comedy'];

interface Line extends Report {
  readonly suite: string;
  readonly ratios: Readonly<Record<string, number>>;
}

describe('the core suite', () => {
  test('tells of every scenario and subject, on the standard output and in two files', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jbstore-benchmark-'));
    const options = { cwd: root };
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [...words, '--json', '--out', folder],
      options,
    );

    const last = stdout.trimEnd().split('\n').at(-1) ?? '';
    const { suite, rows, skipped, ratios } = JSON.parse(last) as Line;
    expect(suite).toBe('core');
    const told = [...rows, ...skipped].map(({ scenario, subject }) => `${scenario}: ${subject}`);
    const all = names.flatMap((name) => subjects.map((subject) => `${name}: ${subject}`));
    expect(told.sort()).toEqual(all.sort());
    for (const { scenario, subject, median } of rows) {
      const never = scenario === 'ticks under saturation' && silent.includes(subject);
      if (never) expect(median).toBe(0);
      else expect(median).toBeGreaterThan(0);
    }
    expect(new Set(skipped.map(({ scenario }) => scenario))).toEqual(
      new Set(['ping-pong, channel tapped', 'ping-pong, port tapped']),
    );
    expect(ratios['jbstore: ping-pong, port tapped / ping-pong']).toBeGreaterThan(0);
    expect(ratios['ring of 100: jbstore / comedy']).toBeGreaterThan(0);
    expect(stderr).toContain('ring of 100');

    expect(readFileSync(join(folder, 'core.json'), 'utf8').trimEnd()).toBe(last);
    const svg = readFileSync(join(folder, 'core.svg'), 'utf8');
    expect(brokenTagsOf(svg)).toEqual([]);
    for (const name of names) expect(textsOf(svg).join('\n')).toContain(name);
    rmSync(folder, { recursive: true });
  });

  test('measures only what is asked for', () => {
    const only = [...words, '--json', '--only', 'RING of 100'];
    const { stdout } = spawnSync(process.execPath, [...only, '--against', 'eventemitter'], {
      ...{ cwd: root, encoding: 'utf8' },
    });

    const { rows } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Line;
    expect(rows.map(({ scenario, subject }) => `${scenario}: ${subject}`)).toEqual([
      ...['ring of 100: jbstore', 'ring of 100: EventEmitter'],
      ...['ring of 1000: jbstore', 'ring of 1000: EventEmitter'],
    ]);
  });

  test.each([
    ['--only', 'nothing'],
    ['--against', 'nobody'],
    ['--no-such-option'],
    ['--runs', '0'],
  ])('is asked in a wrong way by %s', (...wrong) => {
    const { status, stderr } = spawnSync(process.execPath, [...words, ...wrong], {
      ...{ cwd: root, encoding: 'utf8' },
    });

    expect(status).toBe(2);
    expect(stderr).not.toBe('');
  });

  (procIsHere ? test : test.skip)('leaves no process behind when interrupted', async () => {
    const child = spawn(process.execPath, words, {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await once(child.stderr, 'data');
    let started = childrenOf(child.pid);
    while (started.length < subjects.length) {
      await pause();
      started = childrenOf(child.pid);
    }

    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number];

    expect(code).toBe(130);
    while (started.some(isRunning)) await pause();
  });
});

describe('the chart', () => {
  const row: Row = {
    ...{ scenario: 'a "b" <c> & d', subject: 'jbstore', unit: 'million events/s' },
    ...{ median: 4, min: 3, max: 5, runs: 5, parameters: {} },
  };
  const report: Report = {
    rows: [row, { ...row, subject: 'slow', median: 0.5, min: 0.4, max: 0.6 }],
    skipped: [{ scenario: row.scenario, subject: 'other', reason: 'it cannot & <will> not' }],
  };

  test('is well-formed, and shows every row and whatever is skipped', () => {
    const svg = chartOf('core', report, { cpu: 'A & B' });

    expect(brokenTagsOf(svg)).toEqual([]);
    expect(textsOf(svg)).toEqual(
      expect.arrayContaining([
        ...['a "b" <c> & d (million events/s)', 'jbstore', '4.00', 'slow', '0.500   8×'],
        ...['other', 'it cannot & <will> not'],
      ]),
    );
  });

  test('gives more a longer bar, and nothing none', () => {
    const unit = '% of an idle loop';
    const nothing: Row = { ...row, unit, subject: 'none', median: 0, min: 0, max: 0 };
    const shares = { rows: [{ ...row, unit }, nothing], skipped: [] };

    const [ours = 0, slow = 0] = barsOf(chartOf('core', report, {}));
    const [some = 0, none] = barsOf(chartOf('core', shares, {}));

    expect(ours).toBeGreaterThan(slow);
    expect(slow).toBeGreaterThan(0);
    expect(some).toBeGreaterThan(0);
    expect(none).toBe(0);
  });
});

describe('curves', () => {
  const row = (scenario: string, subject: string, median: number): Row => ({
    ...{ scenario, subject, median, min: median / 2, max: 2 * median },
    ...{ unit: 'requests/s', runs: 3, parameters: {} },
  });
  const points = ['1', '16'].map((label) => ({ label, scenario: `C=${label}` }));
  const curves = { name: 'rate', title: 'Rate', across: 'in flight', points };

  test('are well-formed, and lead each subject through what was measured of it', () => {
    const rows = [row('C=1', 'jbstore', 10), row('C=16', 'jbstore', 1_000), row('C=1', '<b>', 20)];

    const svg = curvesOf(curves, { rows: [...rows, row('else', 'c', 1)], skipped: [] }, {}) ?? '';

    expect(brokenTagsOf(svg)).toEqual([]);
    const texts = ['Rate (requests/s)', '1', '16', 'in flight', '1.00', '10.0', '10000'];
    expect(textsOf(svg)).toEqual(expect.arrayContaining([...texts, 'jbstore', '<b>']));
    expect(textsOf(svg)).not.toContain('c');
    const heights = [...svg.matchAll(/<circle[^>]* cy="([\d.]+)"/g)].map(([, y]) => Number(y));
    expect(heights).toHaveLength(3);
    const [ours = 0, more = 0, other = 0] = heights;
    expect(ours).toBeGreaterThan(other);
    expect(other).toBeGreaterThan(more);
  });

  test('are not drawn of nothing', () => {
    expect(curvesOf(curves, { rows: [row('else', 'c', 1)], skipped: [] }, {})).toBeUndefined();
  });
});

describe('ratios', () => {
  test('compare us with others, variants with what they vary, and nothing with nothing', () => {
    const row = (scenario: string, subject: string, median: number, variantOf?: string): Row => ({
      ...{
        scenario,
        subject,
        median,
        min: median,
        max: median,
        unit: 'x',
        runs: 1,
        parameters: {},
      },
      ...(variantOf !== undefined && { variantOf }),
    });
    const rows = [
      ...[row('a', 'jbstore', 6), row('a', 'slow', 2), row('a', 'still', 0)],
      ...[row('b', 'jbstore', 3, 'a'), row('b', 'slow', 1, 'a')],
    ];

    expect(ratiosOf(rows)).toEqual({
      ...{ 'a: jbstore / slow': 3, 'b: jbstore / slow': 3 },
      ...{ 'jbstore: b / a': 0.5, 'slow: b / a': 0.5 },
    });
  });
});

describe('turns', () => {
  test('come one after another, in order, however many wait', () => {
    const turns = new Turns();
    const taken: number[] = [];
    let inside = false;
    let next = 0;
    const receive = ({ count }: Message): void => {
      expect(inside).toBe(false);
      inside = true;
      taken.push(count);
      // The ring turns first, and then is too small twice.
      const more = count < 700 ? 1 : 3;
      for (let index = 0; index < more && next < 5_000; index += 1) {
        turns.take(receive, { type: 'told', count: (next += 1) });
      }
      inside = false;
    };

    turns.take(receive, { type: 'told', count: 0 });

    expect(taken).toEqual(Array.from({ length: 5_001 }, (_, index) => index));
  });
});

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

/** The tags of `svg` that are not closed in their turn, and the letters that would be tags. */
function brokenTagsOf(svg: string): string[] {
  const open: string[] = [];
  const broken: string[] = [];
  const rest = svg.replace(
    /<(\/?)(\w+)((?:\s+[\w:-]+="[^"<&]*(?:&#\d+;[^"<&]*)*")*)\s*(\/?)>/g,
    (tag, closing: string, name: string, _attributes: string, empty: string) => {
      if (closing !== '' && open.pop() !== name) broken.push(tag);
      if (closing === '' && empty === '') open.push(name);
      return '';
    },
  );
  return [...broken, ...open, ...(/[<>]|&(?!#\d+;)/.exec(rest) ?? [])];
}

function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, content = '']) =>
    content.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))),
  );
}

/** The lengths of the bars. */
function barsOf(svg: string): number[] {
  return [...svg.matchAll(/<rect x="[^"]*" y="[^"]*" width="([^"]*)"/g)].map(([, width]) =>
    Number(width),
  );
}
