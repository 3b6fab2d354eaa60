import type { ComponentFault } from './errors';
import type { Failure, Settlement } from './failure';
import type { Host } from './host';
import { Intervention } from './intervention';
import { severer, type Directive, type FaultDecision, type Supervisor } from './supervision';

/** A component that has failed, as far as its treatment goes. */
export interface Patient {
  readonly host: Host;
  readonly supervisor: Supervisor | undefined;
  /** It has no instance that could go on. */
  readonly vacant: boolean;
  /** The component above is suspended: nothing goes on below it. */
  readonly aboveIsSuspended: boolean;
  /** The component above is on its way, or has started. */
  readonly aboveRuns: boolean;
  /** The component above may have waited for this one. */
  followAbove(): void;
  /** Asks the supervisor; `mistake` is what that threw instead of an answer. */
  decide(failure: Failure): { readonly directive: Directive; readonly mistake?: Failure };
  /** Says what was decided about `fault`. */
  tell(fault: ComponentFault, decision: FaultDecision): void;
  /** The component above is deemed failed. */
  escalate(failures: readonly Failure[]): void;
  /** It goes on. */
  recovered(): void;
  /** Ends the instance; returns what is to be waited for. */
  endInstance(): Promise<void> | undefined;
  /** Makes the next instance. */
  renew(): void;
  kill(): Promise<void>;
}

/**
 * - `undecided`: the supervisor is to be asked.
 * - `waiting`: a restart waits for its time.
 * - `due`: what was decided is to be done, as soon as the component above runs.
 * - `ending`: the releases of the instance take time.
 * - `escalated`: up to those above; if they go on, it does.
 */
type Phase = 'undecided' | 'waiting' | 'due' | 'ending' | 'escalated';

/** What is done about the fault of one component, from the fault until the component goes on or ends. */
export class Treatment extends Intervention {
  readonly #patient: Patient;
  readonly #failures: Failure[];
  #phase: Phase = 'undecided';
  #directive: Directive = 'resume';
  #cancelWait: (() => void) | undefined;

  constructor(patient: Patient, failures: readonly Failure[]) {
    super();
    this.#patient = patient;
    this.#failures = [...failures];
  }

  /** Without supervision it is up to the component above, at once. */
  begin(): void {
    if (this.#patient.supervisor) this.proceed();
    else this.#escalate();
  }

  /** It failed again before it went on. */
  also(failures: readonly Failure[]): void {
    if (this.#phase === 'undecided') {
      this.#failures.push(...failures);
      return;
    }
    for (const failure of failures) this.#patient.tell(failure.fault, this.#directive);
    if (this.#phase === 'escalated') this.#patient.escalate(failures);
    else this.#settle(failures, this.#directive);
  }

  /** The component ended, or is replaced: what becomes of the events at which it failed? */
  abandon(settlementOf: (fault: ComponentFault) => Settlement): void {
    this.end();
    this.#cancelWait?.();
    for (const failure of this.#failures) {
      if (this.#phase === 'undecided') this.#patient.tell(failure.fault, 'ended');
      failure.settle(settlementOf(failure.fault));
    }
  }

  override proceed(): void {
    if (this.#phase === 'escalated' && !this.held) {
      // Those above go on, and this one with them; without an instance there is nothing to go on.
      this.#phase = 'due';
      this.#directive = this.#patient.vacant ? 'restart' : 'resume';
    }
    if (this.#phase === 'undecided' || this.#phase === 'due') super.proceed();
  }

  protected override get host(): Host {
    return this.#patient.host;
  }

  protected override get held(): boolean {
    return this.#patient.aboveIsSuspended;
  }

  protected override step(): void {
    if (this.#phase === 'undecided') this.#decide();
    else if (this.#phase === 'due' && this.#patient.aboveRuns) this.#apply();
  }

  protected override stepped(): void {
    this.#patient.followAbove();
  }

  #decide(): void {
    let directive: Directive = 'resume';
    for (const failure of [...this.#failures]) {
      const decided = this.#patient.decide(failure);
      directive = severer(directive, decided.directive);
      if (decided.mistake) this.#failures.push(decided.mistake);
    }
    if (directive === 'resume' && this.#patient.vacant) directive = 'restart';
    this.#directive = directive;
    this.#phase = 'due';
    for (const { fault } of this.#failures) this.#patient.tell(fault, directive);
    if (directive === 'escalate') {
      this.#escalate();
      return;
    }
    this.#settle(this.#failures, directive);
    if (directive === 'stop') void this.#patient.kill();
    else if (directive === 'restart') this.#wait();
    else this.#becomeDue();
  }

  #escalate(): void {
    this.#phase = 'escalated';
    this.#directive = 'escalate';
    this.#patient.escalate(this.#failures);
  }

  /** Only a component that goes on can be given its event once more. */
  #settle(failures: readonly Failure[], directive: Directive): void {
    for (const failure of failures) {
      const settlement = this.#patient.supervisor?.settlementOf(failure.fault) ?? 'dead-letter';
      const lives =
        directive === 'resume' || (directive === 'restart' && failure.origin === this.#patient);
      const ends = directive === 'stop' || (settlement === 'retry' && !lives);
      failure.settle(ends ? 'dead-letter' : settlement);
    }
  }

  #wait(): void {
    const delayMs = this.#patient.supervisor?.backoffMs ?? 0;
    if (delayMs === 0) {
      this.#becomeDue();
      return;
    }
    this.#phase = 'waiting';
    this.#cancelWait = this.host.after(delayMs, () => {
      this.#phase = 'due';
      this.proceed();
    });
  }

  #becomeDue(): void {
    this.#phase = 'due';
    this.step();
  }

  #apply(): void {
    if (this.#directive === 'resume') {
      this.end();
      this.#patient.recovered();
      return;
    }
    const pending = this.#patient.endInstance();
    if (pending) {
      this.#phase = 'ending';
      void pending.then(() => {
        this.#phase = 'due';
        this.proceed();
      });
    } else if (!this.over && this.#patient.aboveRuns) {
      this.end();
      this.#patient.renew();
    }
  }
}
