import type { Expectation } from '@jbstore/client';
import type { Command } from 'commander';

import { wholeNumber } from './arguments';
import { type ConnectionOptions, withConnection, withStore } from './connection';
import { keyFields } from './entry';
import { MismatchError, UsageError } from './errors';
import { explain } from './help';
import { type Io, write, writeJson } from './io';
import { checkedKey, shownKey } from './key';
import { valueOf } from './value';

interface CasOptions extends ConnectionOptions {
  readonly expect?: string;
  readonly expectVersion?: number;
  readonly expectAbsent?: true;
  readonly file?: string;
  readonly key64?: true;
}

export function addCas(program: Command, io: Io): void {
  const command = program
    .command('cas')
    .summary('store a value under a key if there is what you expect')
    .description(
      'Stores VALUE under KEY if there is what one of the --expect flags says, and else changes nothing (compare and set). Without VALUE, or with -, the value is read from standard input, byte for byte.',
    )
    .argument('<key>', '1 to 1024 bytes')
    .argument('[value]', 'at most 1 MiB; write -- before one that begins with a dash')
    .option('-e, --expect <value>', 'this value must be there')
    .option(
      '--expect-version <number>',
      'a value of this version must be there, as `get --with-version` tells it',
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
    )
    .option('--expect-absent', 'nothing must be there')
    .option('-f, --file <file>', 'take the value from a file, byte for byte')
    .option('--key64', 'KEY is base64, for keys that are no text')
    .action(async (typed: string, value: string | undefined, options: CasOptions) => {
      const key = checkedKey(typed, options.key64);
      const expected = expectationOf(options);
      const valueBytes = await valueOf(value, options.file, io);
      const { swapped, version } = await withStore(options, (store) =>
        store.cas(key, expected, valueBytes),
      );
      if (!swapped) throw new MismatchError(shownKey(key), version);
      if (options.json) await writeJson(io.stdout, { ok: true, ...keyFields(key), version });
      else await write(io.stdout, 'OK\n');
    });
  withConnection(command);
  explain(
    command,
    [
      'jbstore cas leader me --expect-absent',
      'jbstore cas greeting goodbye --expect hello',
      'jbstore cas photo --file new.jpg --expect-version 7',
    ],
    ['mismatch', 'unavailable', 'outcomeUnknown'],
  );
}

function expectationOf({ expect, expectVersion, expectAbsent }: CasOptions): Expectation {
  const expectations: readonly Expectation[] = [
    ...(expect === undefined ? [] : [{ value: expect }]),
    ...(expectVersion === undefined ? [] : [{ version: expectVersion }]),
    ...(expectAbsent ? ['absent' as const] : []),
  ];
  const [expectation] = expectations;
  if (expectation !== undefined && expectations.length === 1) return expectation;
  throw new UsageError(
    'say what you expect: one of --expect VALUE, --expect-version NUMBER and --expect-absent',
  );
}
