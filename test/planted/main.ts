import { parseArgs } from 'node:util';

import type { Operation } from '@jbstore/linearizability';

import type { Bug } from './bug';
import { bugs } from './bugs/all';
import type { Control } from './control';
import { controls } from './controls';
import { givenTo } from './finders';
import type * as finders from './finders';
import { hunt, huntNothing, type Hunt } from './hunt';
import { loadWith } from './plant';
import { missed, playTwice, soundly } from './play';
import { replay } from './replay';
import type { Found } from './sweep';

/** Of the runs without a bug, when hinted. */
const mostHinted = 8;

const help = `Usage: npm run planted -- [options] [names]

Plants a bug in our sources, as they are loaded, and plays its schedule: once without it and once with it.
A name may be cut short; without one, all bugs are planted, one after the other. With one, the histories
are printed.

Options:
  --controls
           leave out rules of the protocol instead, until churn, or what is made for it, finds that; and
           play the schedules of those that have one, with the rule and without it
  --sweep  run the scenario of each bug with one seed after the other instead, until the bug is found;
           before, all that without a bug, which must find nothing
  --hinted with these two: try the seed first that found a bug, or a rule, last, and no more than ${mostHinted}
           without a bug
  --json   one line of JSON for each bug
  --help   this text

Exit codes: 0 each bug is found, and nothing without it; 1 one is not, or something is; 2 asked in a wrong
way.
`;

function main(): number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      sweep: { type: 'boolean', default: false },
      controls: { type: 'boolean', default: false },
      hinted: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const isMeant = ({ name }: { readonly name: string }): boolean =>
    positionals.length === 0 || positionals.some((start) => name.startsWith(start));
  if (values.controls) {
    const isFine = controls.filter(isMeant).map((control) => tryOut(control, values));
    return isFine.length === 0 ? 2 : isFine.includes(false) ? 1 : 0;
  }
  const chosen = bugs.filter(isMeant);
  if (chosen.length === 0) {
    process.stderr.write(help);
    return 2;
  }
  const isFine = values.sweep
    ? sweepAll(chosen, values)
    : chosen.map((bug) => show(bug, values.json, positionals.length > 0));
  return isFine.includes(false) ? 1 : 0;
}

/** Returns whether it is found as it should be. */
function tryOut(
  control: Control,
  { json: asJson, hinted }: { readonly json: boolean; readonly hinted: boolean },
): boolean {
  const { name, edits, by = 'churn', seeds, hint, findings } = control;
  const { find } = loadWith([...givenTo[by], ...edits], 'finders') as typeof finders;
  const found = find(by, seeds, hinted ? hint : undefined);
  const played = playTwice(control);
  if (asJson) process.stdout.write(`${JSON.stringify({ name, found, played })}\n`);
  else {
    const text = sweptText(seeds, found);
    const both = played && `; its schedule: ${played.planted}, with the rule ${played.sound}`;
    process.stdout.write(`${name}: ${text}${both ?? ''}\n`);
  }
  const isPlayed = !played || (played.sound === soundly && played.planted === missed);
  return isPlayed && found !== undefined && findings.includes(found.finding);
}

/** Returns, of each run without a bug and of each bug, whether it is as it should be. */
function sweepAll(
  chosen: readonly Bug[],
  { json: asJson, hinted: isHinted }: { readonly json: boolean; readonly hinted: boolean },
): readonly boolean[] {
  const tell = (name: string, hunted: Hunt): void => {
    const { scenario, seeds, found } = hunted;
    const text = sweptText(seeds, found);
    const line = asJson ? JSON.stringify({ name, ...hunted }) : `${name}: ${scenario}, ${text}`;
    process.stdout.write(`${line}\n`);
  };
  const sound = huntNothing(chosen, isHinted ? mostHinted : Infinity).map((hunted) => {
    tell('no bug', hunted);
    return hunted.found === undefined;
  });
  const planted = chosen.map((bug) => {
    const hunted = hunt(bug, isHinted);
    tell(bug.name, hunted);
    return hunted.found !== undefined && bug.sweep.findings.includes(hunted.found.finding);
  });
  return [...sound, ...planted];
}

/** Returns whether all is as it should be. */
function show(bug: Bug, asJson: boolean, withHistory: boolean): boolean {
  const sound = replay(bug, false);
  const planted = replay(bug, true);
  if (asJson) {
    const findings = { sound: sound.finding, planted: planted.finding };
    process.stdout.write(`${JSON.stringify({ name: bug.name, ...findings })}\n`);
  } else {
    process.stdout.write(`${bug.name}: ${bug.about}\n`);
    for (const { finding, history } of [sound, planted]) {
      process.stdout.write(`  ${finding}\n`);
      if (withHistory) for (const operation of history) process.stdout.write(lineOf(operation));
    }
  }
  return sound.finding === 'linearizable' && planted.finding === bug.finding;
}

function sweptText(seeds: number, found: Found | undefined): string {
  return found ? `seed ${String(found.seed)}: ${found.finding}` : `${String(seeds)} passed`;
}

function lineOf(operation: Operation): string {
  const { client, op, call, return: end, status } = operation;
  const value = 'value' in operation ? operation.value : null;
  const until = end === null ? 'open' : String(end);
  const answer = op === 'get' && status === 'ok' ? JSON.stringify(value) : status;
  const request = op === 'put' ? `put ${JSON.stringify(value)}` : op;
  return `    ${String(call)} to ${until}, client ${String(client)}: ${request}: ${answer}\n`;
}

process.exitCode = main();
