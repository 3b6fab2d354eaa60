import type { Outcome, SeedRange, SweepResult } from '@jbstore/simulator';
import Table from 'cli-table3';

import { SimulationFailedError, UndecidedSimulationError } from './errors';
import { counted, grouped, rate, ratio, seconds } from './figures';
import { simulator } from './simulator';

/** From so many seeds on, a rare path that was never taken is a flaw of the sweep. */
const seedsThatDemandProbes = 200;

/** Of the seeds that failed, so many are told. */
const toldSeeds = 20;

type Row = readonly [what: string, figure: string];

/** `12..34` */
export function rangeText({ first, last }: SeedRange): string {
  return `${first}..${last}`;
}

/** What a sweep came to, for people. */
export function tableOf(result: SweepResult): string {
  const none = '';
  const table = new Table({
    chars: { mid: none, 'left-mid': none, 'mid-mid': none, 'right-mid': none },
    style: { head: [], border: [] },
  });
  table.push(...rowsOf(result).map((row) => [...row]));
  const { failures, seeds, traceHash } = result.totals;
  const lines = [
    table.toString(),
    ...(seeds === 1 ? [`trace hash ${traceHash}`] : []),
    ...failures.slice(0, toldSeeds).map(({ seed, kind, what }) => {
      const [inShort = ''] = what.split('\n', 1);
      return `seed ${seed} failed: ${kind}: ${inShort}`;
    }),
    ...(failures.length > toldSeeds
      ? [`and ${counted(failures.length - toldSeeds, 'seed')} more`]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** The same, for programs. */
export function summaryOf(result: SweepResult): object {
  const { scenario, totals, elapsedMs, left } = result;
  const eventsPerSecond = Math.round((totals.events * 1_000) / Math.max(elapsedMs, 1));
  const missed = missedProbes(result);
  const time = { elapsedMs: Math.round(elapsedMs), eventsPerSecond };
  return { scenario, ...totals, ...time, missedProbes: missed, left };
}

/** The same as a page, with the timeline of `outcome`. */
export function pageOf(result: SweepResult, outcome: Outcome | undefined): string {
  const { scenarioNamed, timelineOf, planText, pageOf: pageWith } = simulator();
  const timeline = outcome && timelineOf(scenarioNamed(outcome.scenario), outcome);
  const title = outcome
    ? `Seed ${outcome.seed} of ${outcome.scenario}`
    : `A sweep of ${result.scenario}`;
  const schedule = outcome ? planText(outcome.plan) : [];
  return pageWith({ title, facts: rowsOf(result), schedule, timeline });
}

/** @throws {@link SimulationFailedError} {@link UndecidedSimulationError} */
export function judge(result: SweepResult): void {
  const { totals, left } = result;
  const { failures, seeds, verdicts } = totals;
  const missed = missedProbes(result);
  const flaws = [
    ...(failures.length > 0
      ? [`${grouped(failures.length)} of ${counted(seeds, 'seed')} failed`]
      : []),
    ...(missed.length > 0 ? [`no seed took the rare paths ${missed.join(', ')}`] : []),
  ];
  if (flaws.length > 0) throw new SimulationFailedError(flaws.join('; '));
  const doubts = [
    ...(verdicts.unknown > 0
      ? [`the checker gave up on ${counted(verdicts.unknown, 'seed')}`]
      : []),
    ...(left
      ? [`the seeds ${rangeText(left)} are left: go on with --seeds ${rangeText(left)}`]
      : []),
  ];
  if (doubts.length > 0) throw new UndecidedSimulationError(doubts.join('; '));
}

/** The rare paths that a sweep should have taken, and did not. */
function missedProbes({ scenario, totals }: SweepResult): readonly string[] {
  if (totals.seeds < seedsThatDemandProbes) return [];
  const { demanded = [] } = simulator().scenarioNamed(scenario);
  return demanded.filter((probe) => (totals.probes[probe] ?? 0) === 0);
}

function rowsOf({ scenario, totals, elapsedMs, left }: SweepResult): readonly Row[] {
  const { seeds, repeated, verdicts, operations, events, virtualMs, traceHash } = totals;
  const { ok, unavailable, unknown } = operations;
  const speed = ratio(virtualMs, elapsedMs);
  return [
    ['scenario', scenario],
    ['seeds', `${grouped(seeds)}, and ${grouped(repeated)} of them twice`],
    ...(left ? [['seeds left', rangeText(left)] as const] : []),
    [
      'verdicts',
      listed({ passed: verdicts.passed, failed: verdicts.failed, unknown: verdicts.unknown }),
    ],
    [
      'operations',
      `${grouped(ok + unavailable + unknown)}: ${listed({ ok, unavailable, unknown })}`,
    ],
    ...countRows('fault', totals.faults),
    ...countRows('probe', totals.probes),
    ['events', `${grouped(events)} in ${seconds(elapsedMs)}: ${rate(events, elapsedMs)}`],
    ['virtual time', `${seconds(virtualMs)}: ${speed} times as fast as real time`],
    ['trace hash', traceHash],
  ];
}

/** By name, so that the rows stand where they stood in another sweep. */
function countRows(kind: string, counts: Readonly<Record<string, number>>): readonly Row[] {
  return Object.entries(counts)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, count]) => [`${kind}: ${name}`, count === 0 ? 'never' : grouped(count)]);
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${grouped(count)} ${name}`)
    .join(', ');
}
