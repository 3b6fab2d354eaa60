import { Random } from '@jbstore/core';
import { nextView } from '@jbstore/gms';
import { firstView, type View } from '@jbstore/gms/port';
import { Address } from '@jbstore/network/port';
import { PassThrough, Readable } from 'node:stream';

import { run } from '../src/program';
import { ringDrawing } from '../src/ring-drawing';
import { figuresOf } from '../src/ring-figures';
import { ringText } from '../src/ring-text';

/** What the command says, and what it exits with. */
async function ring(...words: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await run(['ring', ...words], { stdin: Readable.from([]), stdout, stderr });
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

const settings = { clusterId: 'a<b>\u0001&c', replication: 2, register: 'multi-writer' } as const;
const addresses = [1, 2, 3, 4].map((n) => Address.parse(`p${n}@127.0.0.1:${7100 + n}`));
const fourTokens = { tokensPerMember: 4, random: new Random('1') };
const view = firstView(settings, addresses, fourTokens);

/** The same after a fifth has joined, and before it has all that it is to have. */
const everything = {
  settled: () => true,
  suspected: new Set<number>(),
  givenUp: new Set<number>(),
};
const joining: View =
  nextView(view, [{ kind: 'join', address: Address.parse('p5@127.0.0.1:7105') }], everything, {
    mostMoving: 10,
  }) ?? view;

test('all that is owned, led and held is counted, once for each copy', () => {
  for (const shown of [view, joining]) {
    const { members } = figuresOf(shown);
    const sum = (part: 'owns' | 'leads' | 'holds'): number =>
      members.reduce((total, member) => total + member[part], 0);

    expect([sum('owns'), sum('leads'), sum('holds')]).toStrictEqual([1024, 1024, 2048]);
    expect(members.map(({ tokens }) => tokens)).toStrictEqual(members.map(() => 4));
  }
});

test('how even a ring is, is said in multiples of the average', () => {
  const { members, owns, holds } = figuresOf(view);
  const most = Math.max(...members.map((member) => member.owns));
  const least = Math.min(...members.map((member) => member.owns));

  expect(owns).toStrictEqual({ least: least / 256, most: most / 256 });
  expect(holds.least).toBeLessThan(1);
  expect(holds.most).toBeGreaterThan(1);
});

test('what is still to be moved is counted', () => {
  const [before, after] = [view, joining].map((shown) => figuresOf(shown).misplaced);

  expect(before).toBe(0);
  expect(after).toBeGreaterThan(0);
  expect(ringText(joining)).toContain(`${String(after)} slots still to be moved`);
});

test('the text has a line for each member and each range, with who held it before', () => {
  const text = ringText(joining);

  for (const { place } of figuresOf(joining).members) expect(text).toContain(place);
  expect(text).toContain('to 1023 │');
  const moved = joining.runs.filter(({ previous }) => previous);
  expect(text.match(/│ +\d+ to \d+ │/g)).toHaveLength(joining.runs.length);
  expect(text.match(/│ +2 │ \d \d +│\n/g)).toHaveLength(moved.length);
});

test('the picture has a part for each arc and each copy of each range, and closed ones', () => {
  const svg = ringDrawing(view);

  const copies = view.runs.length * view.replication;
  expect(svg.match(/<title>/g)).toHaveLength(view.tokens.length + copies);
  expect(svg).not.toContain('NaN');
  expect(svg).toContain('a&#60;b&#62;\ufffd&#38;c, view 1');
});

test('the picture of a ring that is all of one is no empty path', () => {
  const svg = ringDrawing(firstView({ ...settings, replication: 1 }, addresses.slice(0, 1)));

  const paths = [...svg.matchAll(/M(\S+ \S+)A\S+ \S+ 0 1 1 (\S+ \S+)L/g)];
  expect(paths).toHaveLength(2);
  for (const [, from, to] of paths) expect(from).not.toBe(to);
});

describe('without a cluster', () => {
  const places = ['--nodes', '5', '--placement', 'ring', '--tokens', '4'];

  test('it is shown how one would begin, the same for the same seed', async () => {
    const even = await ring('--nodes', '5');
    const [one, again, other] = await Promise.all([
      ring(...places),
      ring(...places, '--seed', '1'),
      ring(...places, '--seed', '2'),
    ]);

    expect(even).toMatchObject({ code: 0, stderr: '' });
    expect(even.stdout).toContain('each key on 3 of 5 nodes; 1024 slots, 5 tokens');
    expect(one.stdout).toContain('1024 slots, 20 tokens');
    expect(again.stdout).toBe(one.stdout);
    expect(other.stdout).not.toBe(one.stdout);
  });

  test.each([
    ['so many tokens', ['--nodes', '100', '--placement', 'ring', '--tokens', '16'], 'give fewer'],
    ['more copies than nodes', ['--nodes', '2', '--replication', '3'], 'replication from 1 to 2'],
    ['no nodes', ['--nodes', '0'], 'from 1 to 1024'],
    ['another placement', ['--nodes', '5', '--placement', 'random'], 'even, ring'],
  ])('%s: exit code 2, and what to do', async (_, words, text) => {
    const { code, stdout, stderr } = await ring(...words);

    expect({ code, stdout }).toStrictEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(text);
  });
});
