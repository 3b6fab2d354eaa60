import { InvalidOptionError, type ComponentFault } from './errors';
import type { Settlement } from './failure';

/**
 * What is done about a component that has failed:
 * - `resume`: it goes on as if nothing had been, with everything below it.
 * - `restart`: it is made anew in its place; its ports, channels and waiting events stay.
 * - `stop`: it is killed, with everything below it; the others go on.
 * - `escalate`: the component above it is deemed failed.
 */
export type Directive = 'resume' | 'restart' | 'stop' | 'escalate';

/** What is done about one fault, and what becomes of the event at which the component failed. */
export interface Decision {
  readonly directive: Directive;
  readonly event: Settlement;
}

/** How a component that creates another deals with its faults. */
export interface Supervision {
  /** What is done, or a function that says so of each fault; what that throws escalates as well. */
  readonly decide: Directive | ((fault: ComponentFault) => Directive | Decision);
  /**
   * What becomes of the event at which it failed, unless `decide` says so itself: it is gone (`skip`),
   * or comes first again (`retry`), or is a dead letter with the reason `faulted`, which is the default.
   */
  readonly event?: Settlement;
  /** The most faults within a time; one more escalates, whatever `decide` says. Default 10 in 60 s. */
  readonly budget?: { readonly faults: number; readonly withinMs: number };
  /**
   * How long a restart waits: `firstMs`, then `factor` times as long after each further fault, and at
   * most `longestMs`. It begins anew when the component had no fault for `budget.withinMs`. Default:
   * no wait.
   */
  readonly backoff?: {
    readonly firstMs: number;
    readonly factor: number;
    readonly longestMs: number;
  };
}

/** What was decided about a fault; `ended` if the component had ended, or did before a decision. */
export type FaultDecision = Directive | 'ended';

/** The directives, by how much they end. */
const directives: readonly Directive[] = ['resume', 'restart', 'stop', 'escalate'];
const settlements: readonly Settlement[] = ['skip', 'retry', 'dead-letter'];

/** The one of the two that ends more. */
export function severer(one: Directive, other: Directive): Directive {
  return directives.indexOf(one) > directives.indexOf(other) ? one : other;
}

/** Applies a {@link Supervision} to one component, and counts its faults. */
export class Supervisor {
  readonly #event: Settlement;
  readonly #decide: (fault: ComponentFault) => Directive | Decision;
  /** What becomes of the events of these faults is not as usual. */
  readonly #settlements = new WeakMap<ComponentFault, Settlement>();
  readonly #budget: { readonly faults: number; readonly withinMs: number };
  readonly #backoff: NonNullable<Supervision['backoff']> | undefined;
  /** When it failed, as far as that counts. */
  #faultsMs: number[] = [];
  #latestMs = -Infinity;
  /** Faults without a rest between them. */
  #faultsInRow = 0;

  /** @throws {@link InvalidOptionError} */
  constructor(supervision: Supervision) {
    const { decide, event = 'dead-letter', budget, backoff } = supervision;
    if (typeof decide !== 'function') assertDirective(decide, 'is a directive or a function');
    this.#event = assertSettlement('supervision.event', event);
    this.#decide = typeof decide === 'function' ? decide : (): Directive => decide;
    this.#budget = budget ?? { faults: 10, withinMs: 60_000 };
    this.#backoff = backoff;
    assertAtLeast('budget.faults', this.#budget.faults, 0);
    assertAtLeast('budget.withinMs', this.#budget.withinMs, 0);
    if (!backoff) return;
    assertAtLeast('backoff.firstMs', backoff.firstMs, 0);
    assertAtLeast('backoff.factor', backoff.factor, 1);
    assertAtLeast('backoff.longestMs', backoff.longestMs, backoff.firstMs);
  }

  /** What to do about `fault`, which counts. @throws whatever `decide` throws */
  decide(fault: ComponentFault, nowMs: number): Directive {
    const { faults, withinMs } = this.#budget;
    this.#faultsInRow = nowMs - this.#latestMs < withinMs ? this.#faultsInRow + 1 : 1;
    this.#latestMs = nowMs;
    this.#faultsMs = this.#faultsMs.filter((ms) => nowMs - ms < withinMs);
    this.#faultsMs.push(nowMs);
    if (this.#faultsMs.length > faults) return 'escalate';
    const decided = this.#decide(fault);
    if (typeof decided !== 'object') return assertDirective(decided, 'returns a directive');
    this.#settlements.set(fault, assertSettlement('event of supervision.decide', decided.event));
    return assertDirective(decided.directive, 'returns a directive');
  }

  /** What becomes of the event on which `fault` came. */
  settlementOf(fault: ComponentFault): Settlement {
    return this.#settlements.get(fault) ?? this.#event;
  }

  /** How long the next restart waits. */
  get backoffMs(): number {
    if (!this.#backoff) return 0;
    const { firstMs, factor, longestMs } = this.#backoff;
    // Far enough the power is infinite, and so is the product, except that of a wait of 0.
    return firstMs && Math.min(longestMs, firstMs * factor ** (this.#faultsInRow - 1));
  }
}

function assertSettlement(option: string, candidate: Settlement): Settlement {
  if (settlements.includes(candidate)) return candidate;
  throw new InvalidOptionError(option, `is one of ${settlements.join(', ')}`, candidate);
}

function assertDirective(candidate: Directive, rule: string): Directive {
  if (directives.includes(candidate)) return candidate;
  throw new InvalidOptionError(
    'supervision.decide',
    `${rule}: ${directives.join(', ')}`,
    candidate,
  );
}

function assertAtLeast(option: string, value: number, least: number): void {
  if (value >= least) return;
  throw new InvalidOptionError(`supervision.${option}`, `is at least ${String(least)}`, value);
}
