import { PortEvent } from '@jbstore/core';

import { Automaton, stepOf, type Frame } from './automaton';
import { BlockBuilder } from './block-builder';
import { History } from './history';
import { reportOf, type Failure } from './report';
import { ScriptError } from './script-errors';
import { Site } from './site';
import type { Stage } from './stage';
import type { Block } from './steps';
import type { Occurrence } from './tape';

/**
 * Says what happens at the observed ports of a test, and what the test does, in order; {@link run} holds
 * the components to it.
 *
 * @example
 * ```ts
 * import { Harness } from '@jbstore/testkit';
 * import { HostTimer } from '@jbstore/timer';
 * import { ScheduleTimeout, Timeout } from '@jbstore/timer/port';
 *
 * const harness = new Harness();
 * const timer = harness.clientOf(harness.create(HostTimer).timer);
 * harness
 *   .script()
 *   .start()
 *   .trigger(timer, new ScheduleTimeout(10, new Timeout()))
 *   .advance(10)
 *   .expect(timer, Timeout)
 *   .run();
 * ```
 */
export class Script extends BlockBuilder {
  readonly #stage: Stage;

  constructor(stage: Stage) {
    super(stage, { path: '', site: new Site() });
    this.#stage = stage;
  }

  /**
   * Plays the script.
   * @throws {@link ScriptError} if something else happens than it says
   * @throws {@link AmbiguousScriptError} if what happens does not tell what it is to do
   */
  run(): void {
    new ScriptRun(this.#stage, this.written(1)).play();
  }
}

/** One run of a script. */
class ScriptRun {
  readonly #stage: Stage;
  readonly #script: Block;
  readonly #automaton: Automaton;
  readonly #history: History;
  /** Why the script does not go on. What a handler throws would come up elsewhere, so it waits here. */
  #failure: { readonly error: unknown } | undefined;

  constructor(stage: Stage, script: Block) {
    this.#stage = stage;
    this.#script = script;
    this.#automaton = new Automaton(script);
    this.#history = new History(stage.tape);
  }

  play(): void {
    this.#stage.tape.readWith(
      (occurrence) => this.#see(occurrence),
      () => {
        this.#perform();
      },
    );
  }

  #perform(): void {
    this.#settle();
    for (let action = this.#automaton.act(); action; action = this.#automaton.act()) {
      action.perform(this.#history);
      this.#settle();
    }
    if (!this.#automaton.finished) throw this.#error(this.#automaton.alternatives);
  }

  #settle(): void {
    if (!this.#failure) this.#stage.settle();
    if (this.#failure) throw this.#failure.error;
  }

  /** Returns whether it is to be passed on. */
  #see(occurrence: Occurrence): boolean {
    if (this.#failure) return true;
    try {
      return this.#take(occurrence);
    } catch (error) {
      this.#failure = { error };
      return true;
    }
  }

  #take(occurrence: Occurrence): boolean {
    const before = this.#automaton.alternatives;
    const { by, disallowedBy, dropped, answering } = this.#automaton.take(occurrence);
    const { what, atMs, at } = occurrence;
    const places = by.map(({ place }) => place);
    this.#history.add({ at, what, atMs, triggered: false, by: places });
    if (by.length === 0) throw this.#error(before, occurrence, disallowedBy);
    if (what instanceof PortEvent) answering?.answer?.(what, this.#history);
    return !dropped;
  }

  #error(
    alternatives: readonly Frame[],
    occurrence?: Occurrence,
    disallowedBy: Failure['disallowedBy'] = [],
  ): ScriptError {
    const [history, { tape }] = [this.#history, this.#stage];
    const report = reportOf({ occurrence, disallowedBy, alternatives, history, tape });
    const [frame] = alternatives;
    const awaited = frame && (stepOf(frame) ?? frame.awaited[0]);
    return new ScriptError(report, occurrence?.what, (awaited ?? this.#script).place);
  }
}
