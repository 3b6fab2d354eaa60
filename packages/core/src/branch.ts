import { Belongings } from './belongings';
import { Children } from './children';
import type { LifeState } from './life';
import { Strand } from './strand';

const nobody = new Children<never>();
const atRest: ReadonlySet<LifeState> = new Set<LifeState>(['stopped', 'killed']);

/**
 * The place of one component in the tree, and its life. Start and Stop go down the tree: a component
 * is started when its children are, and its children stop when it has stopped, the youngest first.
 * Suspension goes down the tree at once, and up again when nothing holds it.
 */
export abstract class Branch<B extends Branch<B>> extends Strand {
  protected readonly parent: B | undefined;
  #belongings: Belongings<B> | undefined;

  constructor(parent: B | undefined) {
    super();
    this.parent = parent;
  }

  /** @throws {@link RuntimeError} if a port required here or below is open */
  abstract assertConnected(): void;
  /** It has started, or has stopped, with everything below it. */
  protected abstract settled(): void;
  /** Start and Stop are obeyed later. */
  protected abstract readonly deferring: boolean;
  /** Something is done about it in its next turn; those around it wait for that. */
  protected abstract readonly imminent: boolean;
  /** Goes on with what is done about it; returns true if that ends its suspension. */
  protected abstract proceed(): boolean;

  get children(): Children<B> {
    return this.#belongings?.children ?? nobody;
  }

  isParentOf(other: B): boolean {
    const parent: object | undefined = other.parent;
    return parent === this && other.state !== 'killed';
  }

  /** Has no effect while the component above has not begun: that starts all below it itself. */
  start(): void {
    if (this.deferring) this.wish('start');
    else this.startNow();
  }

  stop(): void {
    if (this.deferring) this.wish('stop');
    else this.stopNow();
  }

  /** Handles no further event, and nothing below it does, until {@link wake}. */
  suspend(): void {
    if (this.state === 'killed') return;
    if (this.state !== 'suspended') {
      this.own.former = this.state;
      this.enter('suspended');
    }
    for (const child of this.children) child.suspend();
  }

  /** Goes on where it stood, with everything below it, unless something holds it still. */
  wake(): void {
    if (this.state !== 'suspended' || this.parent?.state === 'suspended') return;
    if (this.proceed()) return;
    const { own } = this;
    const former = own.former ?? 'created';
    own.former = undefined;
    this.enter(former);
    for (const child of this.children) child.wake();
    this.goOn(former);
    if (this.deferring) return;
    const { wish } = own;
    own.wish = undefined;
    if (wish === 'start') this.startNow();
    else if (wish === 'stop') this.stopNow();
  }

  /** Goes on with a start or a stop, as far as the children have followed. */
  follow(): void {
    if (this.state === 'starting') this.followStart();
    if (this.state === 'stopping') this.followStop();
  }

  /** Stops, whatever is asked for meanwhile, which becomes a wish. */
  drain(): void {
    const { own } = this;
    const reversed = this.reverse(false);
    const stopping = this.state === 'stopping' || this.stopCommanded;
    own.wish ??= stopping === reversed ? 'start' : 'stop';
    this.stopNow();
  }

  /** True if what is below it is to run. */
  protected get begun(): boolean {
    return this.state === 'starting' || this.state === 'started';
  }

  protected get own(): Belongings<B> {
    return (this.#belongings ??= new Belongings());
  }

  /** The same, if there is any. */
  protected get held(): Belongings<B> | undefined {
    return this.#belongings;
  }

  /** A number for the next child that is called `name`. */
  protected nextNumber(name: string): number {
    const { numbers } = this.own;
    const number = (numbers.get(name) ?? 0) + 1;
    numbers.set(name, number);
    return number;
  }

  /** Takes `child` in; it begins by itself, after the turn of its creation, if this one has. */
  protected adopt(child: B): void {
    this.own.children.add(child);
    const suspended = this.state === 'suspended';
    if (this.begun || suspended) child.command('begin');
    if (suspended) child.suspend();
  }

  /** As it was made first: nothing is under way. */
  protected reset(): void {
    const { own } = this;
    own.former = undefined;
    own.wish = undefined;
    own.reversed = false;
    own.starters = undefined;
    own.stoppers = undefined;
    this.forgetCommand();
    this.enter('created');
  }

  /** It is at rest: those who wait for that go on. */
  protected rest(): void {
    this.parent?.follow();
    this.settled();
  }

  protected override began(): void {
    this.assertConnected();
    this.start();
  }

  protected override started(): void {
    this.rest();
    if (this.reverse(false)) this.stopNow();
  }

  protected override stopping(): void {
    this.follow();
  }

  private startNow(): void {
    switch (this.state) {
      case 'created':
      case 'stopped':
        if (this.parent && !this.parent.begun) return;
        this.enter('starting');
        for (const child of this.children) child.start();
        if (this.children.size > 0) this.own.starters = new Set(this.children);
        this.follow();
        return;
      case 'starting':
        this.reverse(false);
        return;
      case 'started':
        this.reverse(this.stopCommanded);
        return;
      case 'stopping':
        this.reverse(true);
        return;
      case 'suspended':
      case 'killed':
    }
  }

  private stopNow(): void {
    switch (this.state) {
      case 'created':
        this.enter('stopped');
        return;
      case 'starting':
        this.reverse(true);
        return;
      case 'started':
        this.reverse(false);
        if (!this.stopCommanded) this.command('stop');
        return;
      case 'stopping':
        this.reverse(false);
        return;
      case 'stopped':
      case 'suspended':
      case 'killed':
    }
  }

  private wish(wish: 'start' | 'stop'): void {
    this.own.wish = wish;
    this.proceed();
  }

  /** What was under way in the state `former` goes on. */
  private goOn(former: LifeState): void {
    if (former === 'starting' || former === 'stopping') this.follow();
    else if (former === 'started' && !this.stopCommanded) this.started();
    else this.rest();
  }

  /** Remembers whether to turn back when what is under way has ended; returns what was so before. */
  private reverse(reversed: boolean): boolean {
    const before = this.#belongings?.reversed ?? false;
    if (before !== reversed) this.own.reversed = reversed;
    return before;
  }

  /** A child that somebody stopped, that failed or was created just now, holds nobody up. */
  private followStart(): void {
    const starters = this.#belongings?.starters;
    for (const child of starters ?? []) {
      if (child.state === 'starting' || child.imminent) return;
      // One that is suspended may go on before this one does, and is waited for then.
      if (child.state !== 'suspended') starters?.delete(child);
    }
    this.command('start');
  }

  private followStop(): void {
    if (this.children.size > 0) this.own.stoppers ??= new Set(this.children.reversed());
    const stoppers = this.#belongings?.stoppers;
    for (const child of stoppers ?? []) {
      child.stop();
      if (child.state === 'suspended' ? child.imminent : !atRest.has(child.state)) return;
      if (child.state !== 'suspended') stoppers?.delete(child);
    }
    if (this.#belongings) this.#belongings.stoppers = undefined;
    this.enter('stopped');
    this.rest();
    if (this.reverse(false)) this.startNow();
  }
}
