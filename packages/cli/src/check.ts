import {
  check,
  describeOperation,
  explain as explainFailure,
  explanationPage,
  MalformedHistoryError,
  modelNamed,
  readHistory,
  type Algorithm,
  type Explanation,
  type Operation,
  type RecordedHistory,
} from '@jbstore/linearizability';
import { type Command, Option } from 'commander';
import { constants } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';

import { secondsOrDuration } from './arguments';
import { textOf } from './entry';
import { MalformedInputError, NotLinearizableError, UndecidedError, UsageError } from './errors';
import { grouped } from './figures';
import { explain } from './help';
import { type Io, write, writeJson } from './io';

interface CheckOptions {
  readonly model?: string;
  readonly algorithm: Algorithm;
  readonly html?: string;
  readonly timeout?: number;
  readonly json?: boolean;
}

/** How long it may take to show what is wrong, if nothing else was said. */
const explanationMs = 30_000;

export function addCheck(program: Command, io: Io): void {
  const command = program
    .command('check')
    .summary('say whether a history is linearizable')
    .description(
      'Reads a history of concurrent operations, and says whether it is linearizable: "linearizable", "not linearizable" or "unknown" is the first line of the standard output. It needs no cluster. JSON lines, EDN as Knossos and Porcupine have it, and logs of Jepsen are told apart by themselves.',
    )
    .argument('<file>', 'the history; - for standard input')
    .option(
      '-m, --model <name>',
      'what the operations are done to, such as kv, cas-register(0), kv-append(partitioned), multi-register(x=0,y=0) or mutex, with /porcupine-semantics or /knossos-semantics after it (default: what the history suggests)',
    )
    .addOption(
      new Option('-a, --algorithm <name>', 'auto takes zones where they apply, and else searches')
        .choices(['auto', 'search', 'zones'] satisfies Algorithm[])
        .default('auto' satisfies Algorithm),
    )
    .option('--html <out>', 'write a page with a picture of what is wrong, if anything is')
    .addOption(
      new Option(
        '-t, --timeout <time>',
        'seconds, or a time such as 500ms, after which it is unknown (default: none)',
      ).argParser(secondsOrDuration),
    )
    .option('--json', 'write the verdict, and what is wrong, as one object of JSON')
    .action((file: string, options: CheckOptions) => checkFile(file, options, io));
  explain(
    command,
    [
      'jbstore check history.jsonl',
      'jbstore check etcd.log --model "cas-register(nil)/porcupine-semantics" --html why.html',
      'zcat history.edn.gz | jbstore check - --timeout 60',
    ],
    ['notLinearizable', 'undecided'],
  );
}

async function checkFile(file: string, options: CheckOptions, io: Io): Promise<void> {
  const source = file === '-' ? 'standard input' : file;
  const history = read(await textIn(file, source, io), source);
  const model = modelNamed(options.model ?? history.model, history.semantics);
  const now = (): number => performance.now();
  const { algorithm, html, timeout: timeoutMs, json } = options;
  const startMs = now();
  const limits = timeoutMs === undefined ? {} : { timeoutMs, now };
  const checked = check(history.operations, model, { algorithm, ...limits });
  const { verdict, configurations, failure, shortage } = checked;
  const elapsedMs = Math.round(now() - startMs);
  const explanation =
    failure && explainFailure(failure, model, { timeoutMs: timeoutMs ?? explanationMs, now });
  const { format, operations } = history;
  if (json === true) {
    const figures = { operations: operations.length, configurations, elapsedMs };
    const about = { verdict, source, format, model: model.name, ...figures };
    const failing = explanation && { failure: failureOf(explanation) };
    await writeJson(io.stdout, { ...about, ...(shortage && { shortage }), ...failing });
  } else {
    await write(io.stdout, `${verdict}\n`);
    await write(
      io.stderr,
      `${source}: ${grouped(operations.length)} operations (${format}), model ${model.name}; ` +
        `${grouped(configurations)} configurations in ${grouped(elapsedMs)} ms\n`,
    );
    if (explanation) await write(io.stdout, linesOf(explanation));
  }
  if (verdict === 'unknown') {
    const advice = shortage === 'time' ? 'give a longer --timeout' : 'check less of it at a time';
    throw new UndecidedError(`${source}: the limit of ${shortage ?? 'time'} came first: ${advice}`);
  }
  if (!explanation) return;
  if (html !== undefined) {
    const page = { title: source, model: model.name, describe: describeOperation };
    await writeFile(html, explanationPage(explanation, page));
  }
  const { unplaced } = explanation;
  throw new NotLinearizableError(
    `${source} is not linearizable: ${describeOperation(unplaced)}, of client ${unplaced.client}, ` +
      `called at ${unplaced.call}, cannot take effect before it returns at ${String(unplaced.return)}`,
  );
}

/** What is wrong, for programs. */
function failureOf({ part, prefix, unplaced, smallest, order }: Explanation<Operation>): object {
  return { part, linearizablePrefix: prefix.length, unplaced, smallest, order };
}

/** What is wrong, for people. */
function linesOf({ smallest, unplaced, prefix, part }: Explanation<Operation>): string {
  const where = part === '' ? '' : ` of ${part}`;
  const lines = smallest.map((operation) => {
    const { client, call, return: end } = operation;
    const mark = operation === unplaced ? '✗' : ' ';
    return `  ${mark} client ${client}: ${describeOperation(operation)}  [${call}, ${end ?? '…'}]`;
  });
  return [
    `all is well with the ${grouped(prefix.length)} operations${where} called until ✗ returns; then these cannot be:`,
    ...lines,
    '',
  ].join('\n');
}

function read(text: string, source: string): RecordedHistory {
  try {
    return readHistory(text);
  } catch (error) {
    if (!(error instanceof MalformedHistoryError)) throw error;
    const { line, reason, column } = error;
    throw new MalformedInputError(source, line, reason, column);
  }
}

async function textIn(file: string, source: string, io: Io): Promise<string> {
  const input: AsyncIterable<Uint8Array> = file === '-' ? io.stdin : createReadStream(file);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of input) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > constants.MAX_STRING_LENGTH) {
      throw new UsageError(
        `${source} has more than ${grouped(constants.MAX_STRING_LENGTH)} bytes: check it key by key`,
      );
    }
  }
  const bytes = Buffer.concat(chunks);
  const text = textOf(bytes);
  if (text !== undefined) return text;
  const before = bytes.toString().split('\uFFFD', 1)[0]?.split('\n') ?? [];
  const column = (before.at(-1) ?? '').length + 1;
  throw new MalformedInputError(source, before.length, 'this is no UTF-8 text', column);
}
