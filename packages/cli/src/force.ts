import { setTimeout as rest } from 'node:timers/promises';

import {
  ChangeRefusedError,
  OutcomeUnknownError,
  UnavailableError,
  type Store,
} from '@jbstore/client';
import { lossesOf, type Losses } from '@jbstore/gms/port';
import { Option, type Command } from 'commander';

import { endpoints } from './arguments';
import { withWaiting, type ChangeOptions } from './change';
import { withConnection, withStore } from './connection';
import { UsageError } from './errors';
import { counted, percent, Stopwatch } from './figures';
import { explain } from './help';
import { write, writeJson, type Io } from './io';
import { placeOf } from './status';

interface ForceOptions extends ChangeOptions {
  readonly lost: readonly string[];
  readonly beginEmpty?: boolean;
  readonly yes?: boolean;
}

export function addForce(program: Command, io: Io): void {
  const command = program
    .command('force')
    .summary('go on without nodes that are lost for good')
    .description(
      [
        'The last resort. Where most of the nodes that hold a key are lost, nobody can tell what is newest there, so nothing is read or written; and where most of those that decide about the cluster are, it cannot change any more. If these nodes will never come back, this command gives them up, and another era begins: the slots of the ring that are concerned go on with what their surviving nodes have, each of which must answer. What only lost nodes had is LOST, even if it was acknowledged; slots without any surviving node begin empty, if you say so. All other slots stay as they are.',
        '',
        'Name all nodes that do not answer, and end their processes first. One that was only cut off ends when it hears of the new era, and what it was told in the meantime is lost too. Without --yes, this command says what would be lost, and does nothing. The era is shown by `jbstore status` from then on.',
      ].join('\n'),
    )
    .addOption(
      new Option('--lost <host:port...>', 'where the nodes listened that are lost, one by one')
        .argParser((text: string, before?: readonly string[]) => [
          ...(before ?? []),
          ...endpoints(text),
        ])
        .makeOptionMandatory(),
    )
    .option('--begin-empty', 'let slots begin empty of which no node survives')
    .option('--yes', 'these nodes are lost for good, and so is what only they had')
    .action((options: ForceOptions) => withStore(options, (store) => force(store, options, io)));
  withWaiting(withConnection(command), '1m');
  explain(
    command,
    [
      'jbstore force --lost 127.0.0.1:7101 127.0.0.1:7102',
      'jbstore force --lost 127.0.0.1:7101 127.0.0.1:7102 --yes --connect 127.0.0.1:7103',
    ],
    ['unavailable', 'outcomeUnknown'],
  );
}

/** @throws {@link UsageError} {@link ChangeRefusedError} {@link UnavailableError} {@link OutcomeUnknownError} */
async function force(store: Store, options: ForceOptions, io: Io): Promise<void> {
  const { view } = store;
  const losses = lossesIn(store, options.lost);
  if (!options.json) await write(io.stderr, `${told(store, options, losses)}\n`);
  if (!options.yes) {
    throw new UsageError('nothing was done: add --yes if these nodes are lost for good');
  }
  await carryOut(store, options);
  const { era, number } = store.view;
  const [forced, empty] = [losses.forced.length, losses.gone.length];
  if (options.json) await writeJson(io.stdout, { ok: true, era, view: number, forced, empty });
  else await write(io.stdout, `era ${era} begins, after era ${view.era}: view ${number}\n`);
}

/** Who leads may end before it is decided: it is asked again so often. */
const askAgainMs = 3_000;
const lookMs = 100;

/** Asks until another era has begun. */
async function carryOut(store: Store, options: ForceOptions): Promise<void> {
  const { era } = store.view;
  const stopwatch = new Stopwatch();
  let askedMs = -askAgainMs;
  let overdue: Error | undefined;
  while (store.view.era === era) {
    const { elapsedMs } = stopwatch;
    if (overdue && elapsedMs > options.within) throw overdue;
    if (elapsedMs - askedMs >= askAgainMs) {
      askedMs = elapsedMs;
      overdue = await ask(store, era, options);
    }
    await rest(lookMs);
  }
}

/** Returns what there is to say if no era begins. */
async function ask(
  store: Store,
  era: number,
  { lost, beginEmpty = false }: ForceOptions,
): Promise<Error> {
  try {
    await store.change({ kind: 'force', lost: [...lost], beginEmpty });
  } catch (error) {
    if (error instanceof UnavailableError) return error;
    // It was done before it was asked for once more.
    if (!(error instanceof ChangeRefusedError && store.view.era > era)) throw error;
  }
  return new OutcomeUnknownError('it was accepted, and is not decided yet: see `jbstore status`');
}

/** As far as can be seen from outside: the nodes know more of slots that are on the move. */
function lossesIn({ view }: Store, lost: readonly string[]): Losses {
  const given = view.members.filter(({ address }) => lost.includes(placeOf(address)));
  const places = given.map(({ address }) => placeOf(address));
  const stranger = lost.find((place) => !places.includes(place));
  if (stranger !== undefined) {
    const members = view.members.map(({ address }) => placeOf(address)).join(', ');
    throw new UsageError(`${stranger} is no member: they are ${members}`);
  }
  return lossesOf(view, new Set(given.map(({ index }) => index)), () => true);
}

/** What is about to be lost, for people. */
function told({ view }: Store, { lost, beginEmpty }: ForceOptions, losses: Losses): string {
  const { council, forced, gone } = losses;
  const slots = (those: readonly number[]): string =>
    `${counted(those.length, 'slot')} of ${view.slotCount} (${percent(those.length, view.slotCount)}): ${stretches(those)}`;
  const lines = [`To be given up for good: ${lost.join(', ')}.`];
  if (forced.length > 0) {
    lines.push(
      slots(forced),
      '  go on with what their surviving nodes have; what only the lost ones had is lost.',
    );
  }
  if (gone.length > 0) {
    const end = beginEmpty ? 'and they begin empty.' : 'and they begin empty, with --begin-empty.';
    lines.push(slots(gone), `  have no surviving node: all that was in them is lost, ${end}`);
  }
  if (council) lines.push('Most of those are lost who decide about the cluster: others follow.');
  if (!council && forced.length + gone.length === 0) {
    lines.push('No slot is seen to have lost its majority.');
  }
  return lines.join('\n');
}

/** `0-204, 410-614` */
function stretches(slots: readonly number[]): string {
  const ends = slots.filter((slot, place) => slots[place + 1] !== slot + 1);
  const begins = slots.filter((slot, place) => slots[place - 1] !== slot - 1);
  return begins
    .map((first, place) => (first === ends[place] ? `${first}` : `${first}-${ends[place]}`))
    .join(', ');
}
