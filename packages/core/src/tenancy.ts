import type { Belongings, Release } from './belongings';
import { Branch } from './branch';
import { ComponentFault } from './errors';
import { Kill } from './life';
import { promptly, type Steps } from './promptly';

/** The instance in one place of the tree: its end, and the release of what it held. */
export abstract class Tenancy<T extends Tenancy<T>> extends Branch<T> {
  /** The handlers at the control port are gone. */
  protected abstract forgetControl(): void;
  /** Nothing is done about it any more. */
  protected abstract abandon(): void;
  /** Nothing arrives any more. */
  protected abstract close(): void;

  /** Ends at once; resolves when what it and those below it held is released. Never rejects. */
  kill(): Promise<void> {
    const { own } = this;
    if (!own.released) {
      this.end();
      const released = this.release();
      if (this.parent) this.parent.forgetOne(released);
    }
    return own.released?.pending ?? Promise.resolve();
  }

  /** Runs `release` at the end of the instance; at once if that was before. */
  onRelease(release: Release): void {
    if (this.state === 'killed') this.track(promptly(this.attemptRelease(release)));
    else this.own.releases.push(release);
  }

  /**
   * Ends the instance, so that another can be made in its place; what it left over, if it has ended
   * already. Returns what is to be waited for, if its releases take time.
   */
  endInstance(): Promise<void> | undefined {
    const { own } = this;
    const children = own.children.reversed();
    for (const child of own.children) child.end();
    if (!own.vacant) {
      own.vacant = true;
      this.attempt(new Kill());
      this.forgetControl();
    }
    own.children.clear();
    const pending = promptly(this.releases(own, children));
    this.track(pending);
    return pending;
  }

  /** Runs `release` of an instance that has ended. */
  protected releaseLate(release: Release): void {
    this.track(promptly(this.attemptRelease(release)));
  }

  /** The components below end first. */
  private end(): void {
    if (this.state === 'killed') return;
    this.enter('killed');
    for (const child of this.children) child.end();
    if (!this.held?.vacant) this.attempt(new Kill());
    this.abandon();
    this.discardEvents();
    this.close();
  }

  private forgetOne(released: Promise<void> | undefined): void {
    this.own.children.forgetOne();
    this.track(released);
    this.follow();
  }

  /** What ends here, or goes on here, waits for `pending`. */
  private track(pending: Promise<void> | undefined): void {
    if (!pending) return;
    const { departing } = this.own;
    departing.add(pending);
    void pending.then(() => departing.delete(pending));
  }

  private release(): Promise<void> | undefined {
    const { own } = this;
    own.released ??= { pending: promptly(this.releases(own, own.children.remains())) };
    return own.released.pending;
  }

  /** Everything is released, whatever fails on the way; each failure is a fault. */
  private *releases({ releases, departing }: Belongings<T>, children: readonly T[]): Steps {
    const before = [...departing];
    for (const child of children) yield child.release();
    yield* before;
    for (let next = releases.pop(); next; next = releases.pop()) yield* this.attemptRelease(next);
  }

  private *attemptRelease(release: Release): Steps {
    try {
      yield release();
    } catch (error) {
      this.fail(new ComponentFault(this.path, undefined, undefined, error));
    }
  }
}
