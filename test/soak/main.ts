import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';

import type { MemoryFigures } from './memory';
import { hashOf, reportOf, tableOf } from './report';
import { Soak, type Outcome } from './soak';

const help = `Usage: npm run soak -- [options]

Sends events through a plant of components while faults, restarts, replacements, kills, stops, held and
moved channels, taps and traces go on in it, and accounts for each event: handled once and in order,
skipped by a supervisor, or a dead letter with a reason. Time is virtual, so a seed repeats a run.

Options:
  --events <number>  how many events are sent at least (default 100000000)
  --seed <text>      what chance follows from (default: a fresh one, which is printed)
  --json             the last line is one JSON object: the report, its hash, the heap and the rate
  --help             this text

Progress goes to the standard error output. Ctrl-C closes the books of what was sent so far. Exit
codes: 0 the books balance and the heap is flat, 1 they do not or it is not, 2 asked in a wrong way,
70 failed, 130 interrupted, with books that balance.
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '100000000' },
      seed: { type: 'string', default: randomUUID() },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const events = Number(values.events);
  if (!Number.isSafeInteger(events) || events < 1) {
    process.stderr.write(help);
    return 2;
  }
  const { seed } = values;
  const interruption = new AbortController();
  // A shell and npm may each send one.
  process.on('SIGINT', () => {
    interruption.abort();
  });
  process.stderr.write(`seed ${seed}\n`);
  const startMs = performance.now();
  const outcome = await new Soak({
    seed,
    events,
    signal: interruption.signal,
    onProgress: progressOf(process.stderr, events),
  }).run();
  process.stderr.write('\n');
  print(outcome, (performance.now() - startMs) / 1_000, values.json);
  if (outcome.problems.length > 0) {
    process.stderr.write(`npm run soak -- --events ${events} --seed ${seed} repeats it.\n`);
    return 1;
  }
  return interruption.signal.aborted ? 130 : 0;
}

function print(outcome: Outcome, seconds: number, json: boolean): void {
  const { memory, problems, seed } = outcome;
  const report = reportOf(outcome);
  const hash = hashOf(report);
  const perSecond = Math.round(report.events / seconds);
  const lines = [
    tableOf(report),
    '',
    `${report.events.toLocaleString('en')} events in ${seconds.toFixed(1)} s, ${perSecond.toLocaleString('en')} a second`,
    memory ? heapOf(memory) : 'the heap was not measured: run with --expose-gc, and longer',
    `seed ${seed}, hash ${hash}`,
    ...(problems.length > 0
      ? ['', 'What does not balance:', ...problems.map((problem) => `- ${problem}`)]
      : ['Every event is accounted for.']),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  if (json) process.stdout.write(`${JSON.stringify({ ...report, hash, memory, perSecond })}\n`);
}

function heapOf(memory: MemoryFigures): string {
  const { leastBytes, mostBytes, firstHalfBytes, secondHalfBytes, flat } = memory;
  const halves = `first half at most ${mebibytes(firstHalfBytes)}, second ${mebibytes(secondHalfBytes)}`;
  const range = `heap ${mebibytes(leastBytes)} to ${mebibytes(mostBytes)}`;
  return `${range}; ${halves}: ${flat ? 'flat' : 'it grew'}`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/** One line that changes on a terminal, now and then; elsewhere a line for each tenth. */
function progressOf(output: NodeJS.WriteStream, events: number): (sent: number) => void {
  const startMs = performance.now();
  let latestMs = 0;
  let tenths = 0;
  return (sent) => {
    const nowMs = performance.now();
    const due = output.isTTY ? nowMs - latestMs > 200 : sent >= ((tenths + 1) * events) / 10;
    if (!due) return;
    latestMs = nowMs;
    tenths += 1;
    const millions = (count: number): string => (count / 1e6).toFixed(1);
    const rate = millions((sent / (nowMs - startMs)) * 1_000);
    const line = `${millions(sent)} of ${millions(events)} million events, ${rate} million a second`;
    output.write(output.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
  };
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const known = error instanceof TypeError && 'code' in error;
    process.stderr.write(known ? `${error.message}\n\n${help}` : `${String(error)}\n`);
    process.exitCode = known ? 2 : 70;
  },
);
