import { framesFrom, isFinished, stepOf, type Frame } from './automaton';
import type { Entry, History } from './history';
import { said, written } from './script-errors';
import type { Place } from './site';
import type { Expectation } from './steps';
import type { Occurrence, Tape } from './tape';

const mostAwaited = 12;
const mostEntries = 5;

/** What is known when a script fails. */
export interface Failure {
  /** What came and was not taken; undefined if nothing more came. */
  readonly occurrence: Occurrence | undefined;
  /** The statements that disallow it. */
  readonly disallowedBy: readonly { readonly place: Place }[];
  /** Where the script was. */
  readonly alternatives: readonly Frame[];
  readonly history: History;
  readonly tape: Tape;
}

/** Says, line by line, what came, what was awaited and where, and what had come before. */
export function reportOf({
  occurrence,
  disallowedBy,
  alternatives,
  history,
  tape,
}: Failure): string {
  const awaited = [...new Set(alternatives.flatMap((frame) => awaitedIn(frame)))];
  const more = awaited.length - mostAwaited;
  return [
    ...(occurrence
      ? cameLines(occurrence, disallowedBy)
      : [`nothing more came until ${tape.nowMs} ms`]),
    'awaited at that moment:',
    ...awaited.slice(0, mostAwaited),
    ...(more > 0 ? [`  and ${more} more`] : []),
    'last events:',
    ...lastEvents(history, tape),
  ].join('\n');
}

function cameLines(
  occurrence: Occurrence,
  disallowedBy: Failure['disallowedBy'],
): readonly string[] {
  return [
    `the script does not take what came at ${occurrence.atMs} ms:`,
    `  ${occurrence.at.name}: ${said(occurrence)}`,
    ...disallowedBy.map(({ place }) => `which is disallowed by ${written(place)}`),
  ];
}

function awaitedIn(frame: Frame): readonly string[] {
  if (isFinished(frame)) return ['  the end of the script'];
  const rounds = roundsOf(frame);
  const line = (place: Place, text: string): string => `  ${written(place)}${rounds}: ${text}`;
  const step = stepOf(frame);
  const next = step?.kind === 'expectation' ? [line(step.place, step.matcher.text)] : [];
  const action =
    step?.kind === 'action' ? [line(step.place, `${step.text}, once nothing more comes`)] : [];
  const sometime = ({ place, matcher }: Expectation): string => line(place, matcher.text);
  return [...next, ...action, ...framesFrom(frame).flatMap(({ awaited }) => awaited.map(sometime))];
}

/** The rounds in which `frame` is, of blocks that are repeated; the outermost first. */
function roundsOf(frame: Frame): string {
  const rounds = framesFrom(frame).map(({ block: { times }, round }) =>
    times === 'any' || times <= 1 ? '' : `, round ${round + 1} of ${times}`,
  );
  return rounds.reverse().join('');
}

function lastEvents(history: History, tape: Tape): readonly string[] {
  return [...new Set([...tape.points, ...history.points])].flatMap((point) => {
    const entries = history.entriesAt(point).slice(-mostEntries);
    return [`  ${point.name}:`, ...(entries.length > 0 ? entries.map(entryLine) : ['    none'])];
  });
}

function entryLine({ what, atMs, triggered, by }: Entry): string {
  const steps = by.map(({ path }) => path).join(' or ');
  const how = triggered ? 'triggered' : steps ? 'taken' : 'not taken';
  return `    ${said({ what })} at ${atMs} ms, ${how}${steps && ` by step ${steps}`}`;
}
