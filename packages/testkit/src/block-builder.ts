import type { PortEvent } from '@jbstore/core';

import type { History } from './history';
import {
  eventMatcher,
  faultMatcher,
  textOf,
  type ErrorClass,
  type FaultPattern,
  type Matcher,
  type Pattern,
} from './matcher';
import type { Observed, Target } from './observed';
import type { Probe } from './probe';
import type { RelaySide } from './relay';
import { MalformedScriptError } from './script-errors';
import { Site, type Place } from './site';
import type { Stage } from './stage';
import { firstAction, type Block, type Expectation, type Rule, type Step } from './steps';
import { Unordered, answering } from './unordered';

/** A function that says what stands in a block. */
export type Body = (block: BlockBuilder) => unknown;

/** A condition on the events that a pattern means. */
type Condition<E> = (event: E) => boolean;

/**
 * Writes one block of a script, statement by statement. What may come within the block is said first:
 * {@link allow}, {@link disallow}, {@link drop} and {@link sometime}. The steps follow, in order.
 */
export class BlockBuilder {
  readonly #stage: Stage;
  readonly #place: Place;
  readonly #rules: Rule[] = [];
  readonly #awaited: Expectation[] = [];
  readonly #body: Step[] = [];
  #statements = 0;

  constructor(stage: Stage, place: Place) {
    this.#stage = stage;
    this.#place = place;
  }

  /** Within this block such events may come, and mean nothing; by default all at `at`. */
  allow<E extends PortEvent, M extends E>(
    at: Observed<E>,
    pattern?: Pattern<M>,
    condition?: Condition<M>,
  ): this {
    return this.#rule('allow', eventMatcher(at, pattern, condition));
  }

  /** Within this block such events must not come but where they are expected, whatever a block around it allows. */
  disallow<E extends PortEvent, M extends E>(
    at: Observed<E>,
    pattern?: Pattern<M>,
    condition?: Condition<M>,
  ): this {
    return this.#rule('disallow', eventMatcher(at, pattern, condition));
  }

  /** Within this block such events may come, and are not handed on. */
  drop<E extends PortEvent, M extends E>(
    at: RelaySide<E>,
    pattern?: Pattern<M>,
    condition?: Condition<M>,
  ): this {
    return this.#rule('drop', eventMatcher(at, pattern, condition));
  }

  /** Within this block components may fail so. */
  allowFault<E extends Error>(type: ErrorClass<E>, about: FaultPattern<E> = {}): this {
    return this.#rule('allow', faultMatcher(type, about));
  }

  /** Such an event has to come in each round of this block, no matter when. */
  sometime<E extends PortEvent, M extends E>(
    at: Observed<E>,
    pattern: Pattern<M>,
    condition?: Condition<M>,
  ): this {
    const place = this.#header();
    const matcher = eventMatcher(at, pattern, condition);
    this.#awaited.push({ kind: 'expectation', place, matcher });
    return this;
  }

  /** Such an event comes next. */
  expect<E extends PortEvent, M extends E>(
    at: Observed<E>,
    pattern: Pattern<M>,
    condition?: Condition<M>,
  ): this {
    return this.#expect(eventMatcher(at, pattern, condition));
  }

  /** Such a request comes next, and is answered at once, before anything else is looked at. */
  answer<In extends PortEvent, Out extends PortEvent, M extends In>(
    at: Probe<In, Out>,
    pattern: Pattern<M>,
    answer: (request: M) => Out,
    condition?: Condition<M>,
  ): this {
    const place = this.#next();
    const matcher = eventMatcher(at, pattern, condition);
    return this.#step(answering({ kind: 'expectation', place, matcher }, at, answer));
  }

  /** A component fails next, by an error of the class `type`; whether it ends the system or is treated. */
  fault<E extends Error>(type: ErrorClass<E>, about: FaultPattern<E> = {}): this {
    return this.#expect(faultMatcher(type, about));
  }

  /** Says something in place of who stands behind `to`, once all that came before is taken. */
  trigger<Out extends PortEvent>(to: Target<Out>, event: Out | ((came: History) => Out)): this {
    const text = typeof event === 'function' ? 'an event' : textOf(event);
    const place = this.#next();
    return this.#act(place, `trigger ${text} at ${to.name}`, (history) => {
      const said = typeof event === 'function' ? event(history) : event;
      history.noteSaid(to, said, place);
      to.next(said);
    });
  }

  /** Lets `ms` milliseconds pass, once all that came before is taken. */
  advance(ms: number): this {
    return this.#act(this.#next(), `advance ${ms} ms`, () => {
      this.#stage.advance(ms);
    });
  }

  /** Starts the components, once all that came before is taken. */
  start(): this {
    return this.#act(this.#next(), 'start', () => {
      this.#stage.start();
    });
  }

  /** Runs a part of the test, once all that came before is taken: to look at what came, say. */
  do(part: (came: History) => void): this {
    return this.#act(this.#next(), 'do a part of the test', part);
  }

  /** A block of its own, with rules of its own. */
  block(body: Body): this {
    return this.repeat(1, body);
  }

  /** `body`, so many times. */
  repeat(times: number, body: Body): this {
    const place = this.#next();
    if (!Number.isInteger(times) || times < 0) {
      throw new MalformedScriptError(place, `${times} is no number of rounds: say 0, 1, 2, …`);
    }
    return this.#step(this.#inner(place, times, body));
  }

  /** `body`, any number of times, none included: as often as it comes. */
  anyTimes(body: Body): this {
    return this.#step(chosenByEvent(this.#inner(this.#next(), 'any', body)));
  }

  /** One of `bodies`: which one, what comes tells. An empty one is one that may be left out. */
  either(...bodies: readonly [Body, Body, ...Body[]]): this {
    const place = this.#next();
    const branches = bodies.map((body, index) => {
      const path = `${place.path}${String.fromCharCode('a'.charCodeAt(0) + index)}`;
      return chosenByEvent(this.#inner({ ...place, path }, 1, body));
    });
    return this.#step({ kind: 'choice', place, branches });
  }

  /** All that `body` expects, in any order. */
  unordered(body: (any: Unordered) => unknown): this {
    const place = this.#next();
    const inner = new Unordered(place);
    body(inner);
    const awaited = inner.expectations;
    return this.#step({ kind: 'block', place, times: 1, rules: [], awaited, body: [] });
  }

  /** What was written, to be repeated `times` times. */
  protected written(times: Block['times']): Block {
    const place = this.#place;
    const [rules, awaited, body] = [this.#rules, this.#awaited, this.#body];
    return { kind: 'block', place, times, rules, awaited, body };
  }

  #inner(place: Place, times: Block['times'], body: Body): Block {
    const inner = new BlockBuilder(this.#stage, place);
    body(inner);
    return inner.written(times);
  }

  #rule(kind: Rule['kind'], matcher: Matcher): this {
    this.#rules.push({ kind, place: this.#header(), matcher });
    return this;
  }

  #expect(matcher: Matcher): this {
    return this.#step({ kind: 'expectation', place: this.#next(), matcher });
  }

  #act(place: Place, text: string, perform: (history: History) => void): this {
    return this.#step({ kind: 'action', place, text, perform });
  }

  #step(step: Step): this {
    this.#body.push(step);
    return this;
  }

  /** The place of the next statement. */
  #next(): Place {
    this.#statements += 1;
    const { path } = this.#place;
    const number = String(this.#statements);
    return { path: path === '' ? number : `${path}.${number}`, site: new Site() };
  }

  /** As {@link #next}, of a statement about the block as a whole. */
  #header(): Place {
    const place = this.#next();
    if (this.#body.length === 0) return place;
    throw new MalformedScriptError(
      place,
      'it holds in its whole block: say it before the first step',
    );
  }
}

/** A block that is begun only if something comes that tells so. */
function chosenByEvent(block: Block): Block {
  const action = firstAction(block.body);
  if (!action) return block;
  const problem = `nothing tells whether to ${action.text}: let an event be expected before it`;
  throw new MalformedScriptError(action.place, problem);
}
