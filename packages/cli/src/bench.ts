import { connect, type Store } from '@jbstore/client';
import { Recorder, jsonLineOf } from '@jbstore/linearizability';
import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';

import { fraction, wholeNumber } from './arguments';
import { ClosedLoop, type ClosedLoopResult, type Latency } from './closed-loop';
import { type ConnectionOptions, withConnection } from './connection';
import { UsageError } from './errors';
import { grouped, seconds } from './figures';
import { explain } from './help';
import { intoFile } from './into-file';
import { type Io, write, writeJson } from './io';

interface BenchOptions extends ConnectionOptions {
  readonly clients: number;
  readonly inFlight: number;
  readonly seconds: number;
  readonly readFraction: number;
  readonly valueBytes: number;
  readonly keys: number;
  readonly record?: string;
}

export function addBench(program: Command, io: Io): void {
  const command = program
    .command('bench')
    .summary('measure operations a second and their latency')
    .description(
      'Measures a closed loop: each client keeps so many requests in flight, and sends the next when one is answered. It stores under the keys bench/0, bench/1, … and leaves them.',
    )
    .option('--clients <count>', 'connections, each with its own front end', wholeNumber(1, 256), 1)
    .option('--in-flight <count>', 'requests at a time, of each client', wholeNumber(1, 10_000), 64)
    .option('--seconds <count>', 'how long to measure', wholeNumber(1, 3_600), 5)
    .option('--read-fraction <number>', 'of 1 is GET, the rest is PUT', fraction, 0.5)
    .option('--value-bytes <count>', 'size of a value', wholeNumber(0, 1024 * 1024), 100)
    .option('--keys <count>', 'different keys', wholeNumber(1, 10_000_000), 1_000)
    .option(
      '--record <file>',
      'write the history there, for jbstore check; keys and values are new then',
    )
    .action(async (options: BenchOptions) => {
      if (options.record === undefined) await bench(options, io);
      else await recordedInto(options.record, (recorder) => bench(options, io, recorder));
    });
  withConnection(command);
  explain(
    command,
    [
      'jbstore bench',
      'jbstore bench --clients 4 --in-flight 64 --seconds 10 --read-fraction 0.95',
      'jbstore bench --keys 10 --record history.jsonl && jbstore check history.jsonl',
    ],
    ['unavailable', 'outcomeUnknown'],
  );
}

async function bench(options: BenchOptions, io: Io, recorder?: Recorder): Promise<void> {
  const { clusterId, timeout: timeoutMs } = options;
  const stores: Store[] = [];
  try {
    for (let client = 0; client < options.clients; client += 1) {
      const how = { clusterId, timeoutMs, ...(recorder && { recorder }) };
      stores.push(await connect(options.connect, how));
    }
    await measure(stores, options, io);
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}

/** Writes all that the recorder is told during `use` into `file`, in microseconds. */
async function recordedInto(
  file: string,
  use: (recorder: Recorder) => Promise<void>,
): Promise<void> {
  await intoFile(file, async (output) => {
    const recorder = new Recorder({
      now: () => Math.floor(performance.now() * 1000),
      record: (operation) => void output.write(jsonLineOf(operation)),
    });
    await use(recorder);
    recorder.end();
  });
}

async function measure(stores: readonly Store[], options: BenchOptions, io: Io): Promise<void> {
  const [first] = stores;
  if (!first) throw new UsageError('there is no client to measure with');
  // A history begins with keys that hold nothing: no run before may have left something there.
  const distinctValues = options.record !== undefined;
  const keyPrefix = distinctValues ? `bench/${randomUUID()}/` : 'bench/';
  const loop = new ClosedLoop({ ...options, keyPrefix, distinctValues });
  if (!options.json) await write(io.stderr, `storing ${grouped(options.keys)} keys to read\n`);
  await loop.fill(first);
  if (!options.json) await write(io.stderr, `measuring for ${options.seconds} s\n`);
  const result = await loop.run(stores);
  if (options.json) await writeJson(io.stdout, { ...parametersOf(options), ...result });
  else await write(io.stdout, shown(result, options));
}

function parametersOf(options: BenchOptions): object {
  const { clients, inFlight, readFraction, valueBytes, keys } = options;
  return { clients, inFlight, readFraction, valueBytes, keys };
}

function shown(result: ClosedLoopResult, { clients, inFlight }: BenchOptions): string {
  const { operations, elapsedMs, operationsPerSecond, get, put, failures } = result;
  const failed = Object.entries(failures).map(([code, count]) => `${grouped(count)} ${code}`);
  return [
    `${grouped(operations)} operations in ${seconds(elapsedMs)}: ${grouped(operationsPerSecond)}/s ` +
      `(clients: ${clients}, in flight: ${inFlight} each)`,
    latencyLine('get', get),
    latencyLine('put', put),
    `failed: ${failed.join(', ') || 'none'}`,
    '',
  ].join('\n');
}

function latencyLine(name: string, { count, p50Ms, p95Ms, p99Ms, maxMs }: Latency): string {
  if (count === 0) return `${name}: none`;
  const figures = `p50 ${p50Ms} ms, p95 ${p95Ms} ms, p99 ${p99Ms} ms, max ${maxMs} ms`;
  return `${name}: ${grouped(count)}, latency ${figures}`;
}
