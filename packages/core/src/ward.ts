import { ComponentFault, KilledError, ReplacementError, invariant } from './errors';
import { Failure, type Settlement } from './failure';
import type { Host } from './host';
import type { Delivery } from './port-end';
import type { Recipe } from './recipe';
import { Replacement, type Replaced } from './replacement';
import type { Directive, FaultDecision, Supervisor } from './supervision';
import { Tenancy } from './tenancy';
import { Treatment, type Patient } from './treatment';

interface Decided {
  readonly directive: Directive;
  /** What the supervisor threw instead. */
  readonly mistake?: Failure;
}

/** A component that may fail, be treated by its supervisor, and be replaced. */
export abstract class Ward<W extends Ward<W>> extends Tenancy<W> implements Patient, Replaced {
  abstract readonly host: Host;
  /** What was made in this place, the latest of it. */
  abstract readonly component: object | undefined;
  /** A fault of which the supervisor has decided. */
  abstract tell(fault: ComponentFault, decision: FaultDecision): void;
  /** A fault at the root. */
  protected abstract fatal(fault: ComponentFault): void;
  /**
   * Makes an instance that takes over the ports of the one before; there is none if this throws.
   * @param complete - every port that is required must be connected then
   */
  protected abstract construct(recipe: Recipe, complete: boolean): void;

  get supervisor(): Supervisor | undefined {
    return this.held?.supervisor;
  }

  /** The instance has ended, and the next is not made yet. */
  get vacant(): boolean {
    return this.held?.vacant ?? false;
  }

  get aboveIsSuspended(): boolean {
    return this.parent?.state === 'suspended';
  }

  get aboveRuns(): boolean {
    return this.parent !== undefined && (this.parent.begun || this.parent.state === 'stopping');
  }

  followAbove(): void {
    this.parent?.follow();
  }

  fail(fault: ComponentFault, delivery?: Delivery): void {
    this.failWith([this.failureOf(fault, delivery)]);
  }

  /** An instance failed that is not the latest. */
  failLate(fault: ComponentFault): void {
    this.tellAbove(this.failureOf(fault));
  }

  /** It failed, or one below it did that nobody between them could treat. */
  failWith(failures: readonly Failure[]): void {
    if (this.vacant) for (const failure of failures) this.tellAbove(failure);
    else this.failNow(failures);
  }

  protected failureOf(fault: ComponentFault, delivery?: Delivery): Failure {
    const { event } = fault;
    const settle =
      delivery && event
        ? (how: Settlement): void => {
            if (how === 'retry' && this.state !== 'killed') this.requeue(delivery, event);
            else if (how !== 'skip') this.deadLetter(delivery.port, event, 'faulted');
          }
        : undefined;
    return new Failure(fault, this, settle);
  }

  /** Asks the supervisor; if that throws, both faults escalate. */
  decide({ fault }: Failure): Decided {
    try {
      const directive = this.supervisor?.decide(fault, this.host.now()) ?? 'escalate';
      return { directive };
    } catch (error) {
      const mistake = this.failureOf(new ComponentFault(this.path, undefined, undefined, error));
      return { directive: 'escalate', mistake };
    }
  }

  escalate(failures: readonly Failure[]): void {
    if (this.parent) {
      this.parent.failWith(failures);
      return;
    }
    for (const failure of failures) {
      this.fatal(failure.fault);
      failure.settle('dead-letter');
    }
  }

  /** Nothing is done about its fault any more: it goes on. */
  recovered(): void {
    this.own.treatment = undefined;
    this.wake();
  }

  /** Nothing is done about its fault any more: it is replaced. */
  discharge(): void {
    const { own } = this;
    own.treatment?.abandon((fault) => own.supervisor?.settlementOf(fault) ?? 'dead-letter');
    own.treatment = undefined;
  }

  /** Makes the next instance; it starts if the one before had, or was to. */
  renew(recipe = this.own.recipe): void {
    const { own } = this;
    const rested = own.former === 'stopped' || own.former === 'stopping';
    const goal = own.wish ?? (rested ? 'stop' : 'start');
    own.treatment = undefined;
    own.recipe = recipe;
    this.reset();
    own.vacant = false;
    try {
      invariant(recipe !== undefined, 'what is renewed was made by a recipe');
      this.construct(recipe, goal === 'stop' || this.aboveRuns);
      own.recipe = own.supervisor && { make: recipe.make };
    } catch (error) {
      own.vacant = true;
      this.failNow([this.failureOf(new ComponentFault(this.path, undefined, undefined, error))]);
    }
    if (this.state === 'suspended') own.wish ??= goal;
    if (this.state !== 'created') return;
    if (goal === 'start') this.start();
    else this.stop();
    if (!this.begun) this.rest();
  }

  /**
   * Puts the component that `recipeOf` makes in the place of `old`, given the latest one here.
   * @throws {@link ReplacementError}, {@link KilledError}
   */
  replace(
    old: object,
    recipeOf: (old: object | undefined) => Recipe,
    resolve: () => void,
    reject: (error: Error) => void,
  ): void {
    if (this.state === 'killed') throw new KilledError(this.path);
    if (this.own.replacement) {
      throw new ReplacementError(this.path, 'that is under way: wait until it is done');
    }
    if (this.component?.constructor !== old.constructor) {
      throw new ReplacementError(this.path, 'another has taken its place: name that one');
    }
    this.own.replacement = new Replacement(this, recipeOf, resolve, reject);
    this.own.replacement.proceed();
  }

  replaced(): void {
    this.own.replacement = undefined;
  }

  protected override get deferring(): boolean {
    return this.state === 'suspended' || (this.held?.replacement?.deferring ?? false);
  }

  protected override get imminent(): boolean {
    const { held } = this;
    return (held?.treatment?.imminent ?? false) || (held?.replacement?.imminent ?? false);
  }

  protected override proceed(): boolean {
    const { held } = this;
    held?.treatment?.proceed();
    held?.replacement?.proceed();
    return held?.treatment !== undefined || this.vacant;
  }

  protected override abandon(): void {
    const { held } = this;
    held?.treatment?.abandon(() => 'dead-letter');
    held?.replacement?.abandon();
  }

  protected override settled(): void {
    this.held?.replacement?.rested();
  }

  private failNow(failures: readonly Failure[]): void {
    const { own } = this;
    if (this.state === 'killed') {
      for (const failure of failures) this.tellAbove(failure);
    } else if (!this.parent) {
      this.suspend();
      this.escalate(failures);
    } else if (own.treatment) {
      own.treatment.also(failures);
    } else {
      this.suspend();
      for (const { fault } of failures) own.replacement?.failed(fault);
      own.treatment = new Treatment(this, failures);
      own.treatment.begin();
    }
  }

  /** The component that failed has ended, or its instance has: only whoever is above can act on it. */
  private tellAbove(failure: Failure): void {
    const { directive, mistake } = this.decide(failure);
    if (directive !== 'escalate') {
      this.tell(failure.fault, 'ended');
      failure.settle('dead-letter');
      return;
    }
    const failures = mistake ? [failure, mistake] : [failure];
    if (this.supervisor) for (const { fault } of failures) this.tell(fault, 'escalate');
    this.escalate(failures);
  }
}
