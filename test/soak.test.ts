import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { omissionsOf } from './soak/coverage';
import { Item } from './soak/events';
import { Memory } from './soak/memory';
import type { Plant } from './soak/plant';
import { hashOf, reportOf, tableOf } from './soak/report';
import { Soak } from './soak/soak';

const events = 300_000;

/** What is found wrong in a soak in which `harm` is done, again and again, from the tenth round on. */
async function problemsAfter(harm: (plant: Plant) => void): Promise<string> {
  const { problems } = await new Soak({
    seed: 'harm',
    events,
    onRound: (plant, round) => {
      if (round >= 10) harm(plant);
    },
  }).run();
  return problems.join('\n');
}

/** Sends two items as the first source, in its name, by `send`. */
function sendTwo(
  plant: Plant,
  send: (two: [Item, Item], next: (item: Item) => void) => void,
): void {
  const [source] = plant.layout.sources;
  if (!source) throw new Error('a plant has sources');
  const { intake } = source.worker;
  const lane = source.lane('item');
  const two: [Item, Item] = [new Item(lane, lane.send()), new Item(lane, lane.send())];
  send(two, (item) => {
    intake.next(item);
  });
}

describe('a soak', () => {
  test('accounts for every event, and is repeated by its seed', async () => {
    const outcome = await new Soak({ seed: 'short', events }).run();
    const again = await new Soak({ seed: 'short', events }).run();
    const other = await new Soak({ seed: 'other', events: 20_000 }).run();

    const report = reportOf(outcome);
    expect(report.problems).toStrictEqual([]);
    expect(report.events).toBeGreaterThanOrEqual(events);
    for (const { checksums } of report.lanes) expect(checksums[1]).toBe(checksums[0]);
    for (const action of [
      'component killed',
      'component replaced',
      'channel held',
      'fault: restart',
    ]) {
      expect(report.actions[action]).toBeGreaterThan(0);
    }
    expect(tableOf(report)).toMatch(/^all .* 0$/m);
    expect(reportOf(again)).toStrictEqual(report);
    expect(hashOf(reportOf(again))).toBe(hashOf(report));
    expect(hashOf(reportOf(other))).not.toBe(hashOf(report));
  });

  test('finds a loss, a doubling and a change of order', async () => {
    const nothing = await problemsAfter((plant) => {
      sendTwo(plant, ([one, other], next) => [one, other].forEach(next));
    });
    const loss = await problemsAfter((plant) => {
      sendTwo(plant, ([one], next) => next(one));
    });
    const doubling = await problemsAfter((plant) => {
      sendTwo(plant, ([one, other], next) => [one, other, other].forEach(next));
    });
    const disorder = await problemsAfter((plant) => {
      sendTwo(plant, ([one, other], next) => [other, one].forEach(next));
    });

    expect(nothing).toBe('');
    expect(loss).toMatch(/item from source 1: lost \d+ of \d+ events/);
    expect(doubling).toMatch(/item \d+ from source 1 arrived twice at place \d+/);
    expect(doubling).toMatch(/item from source 1: doubled \d+ of \d+ events/);
    expect(disorder).toMatch(/item \d+ from source 1 arrived out of order at place \d+/);
  });

  test('finds a loss that hides behind a doubling', async () => {
    const problems = await problemsAfter((plant) => {
      // Nobody takes these, so that no place sees the second come twice.
      const { outside } = plant.layout;
      const lane = outside.lane('item');
      const [one, other] = [lane.send(), lane.send()];
      expect(one).toBeLessThan(other);
      lane.lose(other, 'unconnected');
      lane.lose(other, 'unconnected');
    });

    expect(problems).toMatch(/item from outside: confused some of \d+ events/);
  });

  test('finds an ask without an end, and chaos that did not take place', async () => {
    const asks = await problemsAfter(({ layout }) => {
      layout.outside.asks.ask(1_000_000_007);
    });

    expect(asks).toMatch(/asks from outside: \d+ have no end/);
    expect(omissionsOf(new Map([['channel held', 3]]), 3_000_000)).toContain(
      'component killed: 0 times, which should be 3 at least',
    );
    expect(omissionsOf(new Map([['channel held', 3]]), 3_000_000).join()).not.toContain('held: 3');
  });

  test('finds a heap that grows, and none that only breathes', () => {
    const growing = Array.from({ length: 50 }, (_, sample) => (30 + sample) * 2 ** 20);
    const breathing = Array.from({ length: 50 }, (_, sample) => (30 + (sample % 7)) * 2 ** 20);

    expect(figuresOf(growing)?.flat).toBe(false);
    expect(figuresOf(breathing)?.flat).toBe(true);
    expect(figuresOf([2 ** 20])).toBeUndefined();
  });
});

describe('npm run soak', () => {
  test('says how it is asked, and closes the books upon Ctrl-C', async () => {
    const wrong = await soak(['--events', 'many']);
    const interrupted = await soak(['--events', '1000000000', '--seed', 'long'], 'SIGINT');

    expect(wrong.code).toBe(2);
    expect(wrong.errors).toContain('Usage: npm run soak');
    expect(interrupted.code).toBe(130);
    expect(interrupted.errors).toMatch(/^seed long$/m);
    expect(interrupted.output).toContain('Every event is accounted for.');
  });
});

function figuresOf(samples: readonly number[]): Memory['figures'] {
  const rest = [...samples];
  const memory = new Memory(() => rest.shift() ?? 0);
  while (rest.length > 0) memory.sample();
  return memory.figures;
}

/** Runs the command, and sends it `signal` as soon as it has said its seed. */
async function soak(
  options: readonly string[],
  signal?: NodeJS.Signals,
): Promise<{ code: number | null; output: string; errors: string }> {
  const flags = ['-C', 'source', '-r', 'ts-node/register', 'test/soak/main.ts', ...options];
  const child = spawn(process.execPath, flags, { cwd: join(__dirname, '..') });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
    if (signal && !child.killed && errors.startsWith('seed ')) child.kill(signal);
  });
  await once(child, 'close');
  return { code: child.exitCode, output, errors };
}
