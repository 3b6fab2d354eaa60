import { AmbiguousScriptError } from './script-errors';
import {
  endsInAction,
  type Action,
  type Block,
  type Expectation,
  type Rule,
  type Step,
} from './steps';
import type { Occurrence } from './tape';

/** How far a script has come in one block. Never changed: alternatives share what they have in common. */
export interface Frame {
  readonly block: Block;
  /** The round of the block, from 0; 0 too in each round of one that is repeated any number of times. */
  readonly round: number;
  /** Of the next step of the block. */
  readonly index: number;
  /** What has to come in this round beside the steps. */
  readonly awaited: readonly Expectation[];
  /** How far it has come around the block; what follows the block, once that is done. */
  readonly around: Frame | undefined;
  /** Equal for frames from which the same can follow. */
  readonly key: string;
}

/** What one alternative makes of an occurrence. */
interface Finding {
  /** How far it comes by that, unless it is a rule that disallows it. */
  readonly frame: Frame;
  readonly by: Expectation | Rule;
}

/** What the script makes of an occurrence. */
export interface Verdict {
  /** The statements by which the alternatives took it; none if nothing did. */
  readonly by: readonly (Expectation | Rule)[];
  /** The statements that disallow it, if nothing took it. */
  readonly disallowedBy: readonly (Expectation | Rule)[];
  readonly dropped: boolean;
  /** The expectation which answers it. */
  readonly answering: Expectation | undefined;
}

/**
 * How far a script can have come: a set of alternatives, as in the simulation of a nondeterministic
 * automaton. Each occurrence moves every alternative or ends it, so no choice is made too early.
 */
export class Automaton {
  #alternatives: readonly Frame[];

  constructor(script: Block) {
    this.#alternatives = settled([entered(script, undefined)]);
  }

  /** Where the script can be now. */
  get alternatives(): readonly Frame[] {
    return this.#alternatives;
  }

  /** Nothing has to come any more. */
  get finished(): boolean {
    return this.#alternatives.some((frame) => isFinished(frame));
  }

  /**
   * Takes `occurrence` where an alternative can; if none can, nothing changes.
   * @throws {@link AmbiguousScriptError} if the alternatives disagree about its answer or passing on
   */
  take(occurrence: Occurrence): Verdict {
    const matches = remembered((taker) => taker.matcher.matches(occurrence));
    const findings = this.#alternatives.flatMap((frame) => findingsOf(frame, matches));
    const takings = findings.filter(({ by }) => by.kind !== 'disallow');
    const by = statementsOf(takings);
    const [first, ...others] = by;
    const refused = {
      by,
      disallowedBy: statementsOf(findings),
      dropped: false,
      answering: undefined,
    };
    if (!first) return refused;
    const other = others.find((taker) => effectOf(taker) !== effectOf(first));
    if (other) throw new AmbiguousScriptError(first.place, other.place, occurrence);
    this.#alternatives = settled(takings.map(({ frame }) => frame));
    const answering = first.kind === 'expectation' && first.answer ? first : undefined;
    return { by, disallowedBy: [], dropped: first.kind === 'drop', answering };
  }

  /**
   * What the script does when nothing more comes by itself; from then on it has done that. Alternatives
   * that await something have waited in vain. Undefined if all of them do.
   * @throws {@link AmbiguousScriptError} if it can do several things, or can be finished as well
   */
  act(): Action | undefined {
    const acting = this.#alternatives.filter((frame) => stepOf(frame)?.kind === 'action');
    const [action, other] = new Set(acting.map((frame) => stepOf(frame)));
    if (action?.kind !== 'action') return undefined;
    if (other) throw new AmbiguousScriptError(action.place, other.place);
    if (this.finished) throw new AmbiguousScriptError(action.place, undefined);
    this.#alternatives = settled(acting.map((frame) => following(frame)));
    return action;
  }
}

export function stepOf(frame: Frame): Step | undefined {
  return frame.block.body[frame.index];
}

/** `frame` and those around it, the innermost first. */
export function framesFrom(frame: Frame): readonly Frame[] {
  return [frame, ...(frame.around ? framesFrom(frame.around) : [])];
}

export function isFinished(frame: Frame): boolean {
  return !frame.around && !stepOf(frame) && frame.awaited.length === 0;
}

/** What a taker does beside taking. */
function effectOf(taker: Expectation | Rule): unknown {
  if (taker.kind === 'expectation') return taker.answer ? taker : 'pass';
  return taker.kind === 'drop' ? 'drop' : 'pass';
}

function statementsOf(findings: readonly Finding[]): readonly (Expectation | Rule)[] {
  return [...new Set(findings.map(({ by }) => by))];
}

function findingsOf(
  frame: Frame,
  matches: (taker: Expectation | Rule) => boolean,
): readonly Finding[] {
  const step = stepOf(frame);
  const findings: Finding[] = [];
  if (step?.kind === 'expectation' && matches(step)) {
    findings.push({ frame: following(frame), by: step });
  }
  const frames = framesFrom(frame);
  for (const around of frames) {
    for (const by of around.awaited) {
      if (matches(by)) findings.push({ frame: without(frame, around, by), by });
    }
  }
  if (findings.length > 0) return findings;
  const rules = frames.flatMap(({ block }) => [...block.rules].reverse());
  const rule = rules.find((each) => matches(each));
  return rule ? [{ frame, by: rule }] : [];
}

/** The frames in which the script rests, once all blocks are entered and left that can be. */
function settled(frames: readonly Frame[]): readonly Frame[] {
  const seen = new Set<string>();
  const resting: Frame[] = [];
  const open = frames.toReversed();
  for (let frame = open.pop(); frame; frame = open.pop()) {
    if (seen.has(frame.key)) continue;
    seen.add(frame.key);
    const onward = onwardFrom(frame);
    if (onward) open.push(...onward.toReversed());
    if (!onward || lingers(frame)) resting.push(frame);
  }
  return resting;
}

/** Where the script goes on from `frame` by itself; undefined if it rests there. */
function onwardFrom(frame: Frame): readonly Frame[] | undefined {
  const step = stepOf(frame);
  if (!step) return onwardFromEnd(frame);
  const { kind } = step;
  if (kind === 'block') return aroundOrInto(step, following(frame));
  if (kind === 'choice') {
    return step.branches.flatMap((branch) => aroundOrInto(branch, following(frame)));
  }
  return undefined;
}

/** What follows from the action at the end of a block falls under the rules of the block. */
function lingers(frame: Frame): boolean {
  return !stepOf(frame) && frame.block.rules.length > 0 && endsInAction(frame.block);
}

function onwardFromEnd(frame: Frame): readonly Frame[] | undefined {
  const { block, round, around } = frame;
  if (!around || frame.awaited.length > 0) return undefined;
  if (block.times === 'any') return [entered(block, around), around];
  return [round + 1 < block.times ? entered(block, around, round + 1) : around];
}

function aroundOrInto(block: Block, after: Frame): readonly Frame[] {
  if (block.times === 0) return [after];
  return block.times === 'any' ? [entered(block, after), after] : [entered(block, after)];
}

function entered(block: Block, around: Frame | undefined, round = 0): Frame {
  return keyed({ block, round, index: 0, awaited: block.awaited, around });
}

function following(frame: Frame): Frame {
  return keyed({ ...frame, index: frame.index + 1 });
}

/** `frame`, where `expectation` has come in the frame `at`, itself or one around it. */
function without(frame: Frame, at: Frame, expectation: Expectation): Frame {
  if (frame !== at) {
    return keyed({ ...frame, around: frame.around && without(frame.around, at, expectation) });
  }
  return keyed({ ...frame, awaited: frame.awaited.filter((other) => other !== expectation) });
}

function keyed(frame: Omit<Frame, 'key'>): Frame {
  const { block, round, index, awaited, around } = frame;
  const open = awaited.map(({ place }) => place.path).join(',');
  return { ...frame, key: `${block.place.path} ${round} ${index} ${open};${around?.key ?? ''}` };
}

/** Asks each statement once: a test may look at an event while it judges it. */
function remembered(
  matches: (taker: Expectation | Rule) => boolean,
): (taker: Expectation | Rule) => boolean {
  const verdicts = new Map<Expectation | Rule, boolean>();
  return (taker) => {
    const verdict = verdicts.get(taker) ?? matches(taker);
    verdicts.set(taker, verdict);
    return verdict;
  };
}
