import { ComponentFault, KilledError } from './errors';
import type { Host } from './host';
import { Intervention } from './intervention';
import type { LifeState } from './life';
import type { Recipe } from './recipe';

/** A component that is replaced, as far as its replacement goes. */
export interface Replaced {
  readonly path: string;
  readonly host: Host;
  readonly state: LifeState;
  /** What was made in its place last. */
  readonly component: object | undefined;
  /** The component above is suspended: nothing goes on below it. */
  readonly aboveIsSuspended: boolean;
  /** The component above may have waited for this one. */
  followAbove(): void;
  /** Handles what has arrived, and stops. */
  drain(): void;
  /** Nothing is done any more about a fault that it had. */
  discharge(): void;
  suspend(): void;
  /** Ends the instance; returns what is to be waited for. */
  endInstance(): Promise<void> | undefined;
  /** Makes the next instance. */
  renew(recipe: Recipe): void;
  fail(fault: ComponentFault): void;
  /** It is over. */
  replaced(): void;
}

/**
 * - `asked`: nothing has been done yet.
 * - `draining`: the old one handles what had arrived, and stops.
 * - `due`: the old one is to end, and the new one to be made.
 * - `ending`: the releases of the old one take time.
 * - `made`: the new one is on its way to where the old one was.
 */
type Phase = 'asked' | 'draining' | 'due' | 'ending' | 'made';

/** Puts a new component in the place of one, without a loss for those that are connected with it. */
export class Replacement extends Intervention {
  readonly #cell: Replaced;
  readonly #recipeOf: (old: object | undefined) => Recipe;
  readonly #resolve: () => void;
  readonly #reject: (error: Error) => void;
  #phase: Phase = 'asked';
  #recipe: Recipe | undefined;

  /** @param recipeOf - how to make the new one, given the old one, which has stopped */
  constructor(
    cell: Replaced,
    recipeOf: (old: object | undefined) => Recipe,
    resolve: () => void,
    reject: (error: Error) => void,
  ) {
    super();
    this.#cell = cell;
    this.#recipeOf = recipeOf;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Start and Stop are obeyed by the new one. */
  get deferring(): boolean {
    return this.#phase !== 'made';
  }

  /** The component is at rest. */
  rested(): void {
    if (this.#phase === 'draining' && this.#cell.state === 'stopped') {
      this.#phase = 'due';
      this.proceed();
    } else if (this.#phase === 'made') {
      this.#finish();
      this.#resolve();
    }
  }

  /** The old one has failed, which is healed by the new one, or the new one has. */
  failed(fault: ComponentFault): void {
    if (this.#phase === 'made') {
      this.#finish();
      this.#reject(fault);
    } else if (this.#phase === 'draining') {
      this.#phase = 'asked';
      this.proceed();
    }
  }

  /** The component was killed. */
  abandon(): void {
    this.#finish();
    this.#reject(new KilledError(this.#cell.path));
  }

  override proceed(): void {
    if (this.#phase === 'asked' || this.#phase === 'due') super.proceed();
  }

  protected override get host(): Host {
    return this.#cell.host;
  }

  protected override get held(): boolean {
    return this.#cell.aboveIsSuspended;
  }

  protected override step(): void {
    if (this.#phase === 'asked') this.#begin();
    else if (this.#phase === 'due') this.#replace();
  }

  protected override stepped(): void {
    this.#cell.followAbove();
  }

  #begin(): void {
    const { state } = this.#cell;
    if (state === 'created' || state === 'stopped' || state === 'suspended') {
      this.#phase = 'due';
      this.#replace();
    } else {
      this.#phase = 'draining';
      this.#cell.drain();
    }
  }

  #replace(): void {
    this.#cell.discharge();
    try {
      this.#recipe ??= this.#recipeOf(this.#cell.component);
    } catch (error) {
      const fault = new ComponentFault(this.#cell.path, undefined, undefined, error);
      this.#finish();
      this.#reject(fault);
      this.#cell.fail(fault);
      return;
    }
    this.#cell.suspend();
    const pending = this.#cell.endInstance();
    if (pending) {
      this.#phase = 'ending';
      void pending.then(() => {
        this.#phase = 'due';
        this.proceed();
      });
    } else if (!this.over && !this.held) {
      this.#phase = 'made';
      this.#cell.renew(this.#recipe);
    }
  }

  #finish(): void {
    this.end();
    this.#cell.replaced();
  }
}
