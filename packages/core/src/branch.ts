import { ComponentFault } from './errors';
import { Kill } from './life';
import { Strand } from './strand';

type Release = () => void | Promise<void>;

/** What only some components need; made when first used. */
interface Belongings<B> {
  readonly children: Set<B>;
  /** The last number given to a child of a class. */
  readonly numbers: Map<string, number>;
  readonly releases: Release[];
  /** Releases of children that were killed before. */
  readonly departing: Set<Promise<void>>;
  /** The opposite of what is under way was asked for meanwhile. */
  reversed: boolean;
  released: Promise<void> | undefined;
}

const nobody: ReadonlySet<never> = new Set<never>();

/**
 * The place of one component in the tree, and its life. Start and Stop go down the tree: a component
 * is started when its children are, and its children stop when it has stopped, the youngest first.
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
  /** Nothing arrives any more. */
  protected abstract close(): void;
  protected abstract report(fault: ComponentFault): void;

  get children(): ReadonlySet<B> {
    return this.#belongings?.children ?? nobody;
  }

  /** Has no effect while the component above has not begun: that starts all below it itself. */
  start(): void {
    switch (this.state) {
      case 'created':
      case 'stopped':
        if (this.parent && !this.parent.begun) return;
        this.enter('starting');
        for (const child of this.children) child.start();
        this.#follow();
        return;
      case 'starting':
        this.#reverse(false);
        return;
      case 'started':
        this.#reverse(this.stopCommanded);
        return;
      case 'stopping':
        this.#reverse(true);
        return;
      case 'suspended':
      case 'killed':
    }
  }

  stop(): void {
    switch (this.state) {
      case 'created':
        this.enter('stopped');
        return;
      case 'starting':
        this.#reverse(true);
        return;
      case 'started':
        this.#reverse(false);
        if (!this.stopCommanded) this.command('stop');
        return;
      case 'stopping':
        this.#reverse(false);
        return;
      case 'stopped':
      case 'suspended':
      case 'killed':
    }
  }

  /** Ends at once; resolves when what it and those below it held is released. Never rejects. */
  kill(): Promise<void> {
    const own = this.#own;
    if (own.released) return own.released;
    this.#end();
    const released = this.#releaseOnce();
    if (this.parent) this.parent.#forget(this, released);
    return released;
  }

  onRelease(release: Release): void {
    this.#own.releases.push(release);
  }

  /** True if what is below it is to run. */
  protected get begun(): boolean {
    return this.state === 'starting' || this.state === 'started';
  }

  /** A number for the next child that is called `name`. */
  protected nextNumber(name: string): number {
    const { numbers } = this.#own;
    const number = (numbers.get(name) ?? 0) + 1;
    numbers.set(name, number);
    return number;
  }

  /** Takes `child` in; it begins by itself, after the turn of its creation, if this one has. */
  protected adopt(child: B): void {
    this.#own.children.add(child);
    if (this.begun) child.command('begin');
  }

  protected override began(): void {
    this.assertConnected();
    this.start();
  }

  protected override started(): void {
    this.#rest();
    if (this.#reverse(false)) this.stop();
  }

  protected override stopping(): void {
    this.#follow();
  }

  protected override failed(fault: ComponentFault): void {
    for (const child of this.children) child.#suspend();
    this.report(fault);
  }

  get #own(): Belongings<B> {
    return (this.#belongings ??= {
      children: new Set(),
      numbers: new Map(),
      releases: [],
      departing: new Set(),
      reversed: false,
      released: undefined,
    });
  }

  /** Remembers whether to turn back when what is under way has ended; returns what was so before. */
  #reverse(reversed: boolean): boolean {
    const before = this.#belongings?.reversed ?? false;
    if (before !== reversed) this.#own.reversed = reversed;
    return before;
  }

  #suspend(): void {
    if (this.state !== 'killed') this.enter('suspended');
    for (const child of this.children) child.#suspend();
  }

  #rest(): void {
    if (this.parent) this.parent.#follow();
    this.settled();
  }

  /** Goes on with a start or a stop, as far as the children have followed. */
  #follow(): void {
    if (this.state === 'starting') this.#followStart();
    if (this.state === 'stopping') this.#followStop();
  }

  /** A child that somebody stopped, or that was created just now, holds nobody up. */
  #followStart(): void {
    for (const child of this.children) if (child.state === 'starting') return;
    this.command('start');
  }

  #followStop(): void {
    for (const child of [...this.children].reverse()) {
      child.stop();
      if (child.state !== 'stopped' && child.state !== 'suspended') return;
    }
    this.enter('stopped');
    this.#rest();
    if (this.#reverse(false)) this.start();
  }

  /** The components below end first. */
  #end(): void {
    if (this.state === 'killed') return;
    this.enter('killed');
    for (const child of this.children) child.#end();
    this.attempt(new Kill());
    this.discardEvents();
    this.close();
  }

  #forget(child: Branch<B>, released: Promise<void>): void {
    const { children, departing } = this.#own;
    children.delete(child as B);
    departing.add(released);
    void released.then(() => departing.delete(released));
    this.#follow();
  }

  /** Everything is released, whatever fails on the way; each failure is reported. */
  async #release(own: Belongings<B>): Promise<void> {
    for (const child of [...own.children].reverse()) await child.#releaseOnce();
    for (const departing of own.departing) await departing;
    for (let release = own.releases.pop(); release; release = own.releases.pop()) {
      try {
        await release();
      } catch (error) {
        this.report(new ComponentFault(this.path, undefined, undefined, error));
      }
    }
  }

  #releaseOnce(): Promise<void> {
    const own = this.#own;
    return (own.released ??= this.#release(own));
  }
}
