import type { Directive, Random } from '@jbstore/core';

import type { Joint } from './joint';
import type { Opening } from './opening';
import type { Plant } from './plant';
import { Station } from './stages';

/** What may be done about a fault, as often as it stands here. */
const directives: readonly Directive[] = ['resume', 'resume', 'restart', 'restart', 'stop'];
const directivesBelow: readonly Directive[] = [...directives, 'escalate', 'escalate'];

/** So many rounds pass on average until somebody mends what was killed or disconnected. */
const roundsToMend = 6;

/** What is done to the plant while events flow: what each card says, as far as it can be done now. */
export class Chaos {
  readonly #plant: Plant;
  readonly #random: Random;
  readonly #cards: readonly (() => void)[];
  #deck: (() => void)[] = [];
  #trace: { unsubscribe(): void } | undefined;

  constructor(plant: Plant) {
    this.#plant = plant;
    this.#random = plant.random;
    const { random } = plant;
    const cards: readonly (readonly [times: number, card: () => void])[] = [
      [4, this.#fault.bind(this)],
      [2, this.#faultBelow.bind(this)],
      [3, this.#renew.bind(this)],
      [2, this.#kill.bind(this)],
      [1, this.#at('component created', isVacant, (opening) => plant.fill(opening))],
      [2, this.#replace.bind(this)],
      [1, this.#at('component stopped', canWork, ({ post }) => plant.stop(post))],
      [4, this.#at('component started', isStopped, ({ post }) => plant.start(post))],
      [6, this.#between('channel held', (joint) => joint.hold(random))],
      [6, this.#between('channel resumed', (joint) => joint.resume(random))],
      [3, this.#between('channel unplugged', (joint) => joint.unplug(random))],
      [5, this.#between('channel plugged', (joint) => joint.plug(random))],
      [1, this.#between('channel disconnected', (joint) => joint.disconnect(random))],
      [2, this.#between('channel connected', (joint) => joint.mend(random, 'one'))],
      [1, this.#between('channel tapped', (joint) => joint.tap(random))],
      [1, this.#between('channel untapped', (joint) => joint.untap(random))],
      [1, this.#observe.bind(this)],
      [1, plant.ask.bind(plant)],
    ];
    this.#cards = cards.flatMap(([times, card]) => new Array<() => void>(times).fill(card));
  }

  /** Plays one card. */
  act(): void {
    if (this.#deck.length === 0) this.#deck = this.#random.shuffle(this.#cards);
    this.#deck.pop()?.();
  }

  /** A round is over: nobody observes the trace for long, as that is slow. Now and then all is mended. */
  endRound(): void {
    this.#traceOff();
    if (this.#random.int(roundsToMend) === 0) this.#mend();
  }

  /** Repairs the plant: what can work works, and nothing is held, stopped or watched. */
  settle(): void {
    this.#traceOff();
    const { openings, layout } = this.#plant;
    this.#mend();
    for (const joint of layout.joints) joint.settle(this.#random);
    this.#mend();
    for (const opening of openings) if (isStopped(opening)) this.#plant.start(opening.post);
  }

  #at(
    action: string,
    suits: (opening: Opening) => boolean,
    act: (opening: Opening) => void,
  ): () => void {
    return () => {
      const openings = this.#plant.openings.filter(suits);
      if (openings.length === 0) return;
      act(this.#random.pick(openings));
      this.#plant.account.did(action);
    };
  }

  #between(action: string, act: (joint: Joint) => boolean): () => void {
    return () => {
      const joints = this.#random.shuffle(this.#plant.layout.joints);
      if (joints.some((joint) => act(joint))) this.#plant.account.did(action);
    };
  }

  /** Lets components work where none does, and connects what is open. */
  #mend(): void {
    const { openings, layout, account } = this.#plant;
    for (const opening of openings) {
      if (!isVacant(opening)) continue;
      this.#plant.fill(opening);
      account.did('component created');
    }
    for (const joint of layout.joints) {
      if (joint.mend(this.#random)) account.did('channel connected');
    }
  }

  #fault(): void {
    const posts = this.#plant.posts.filter(({ alive, planned }) => alive && !planned);
    if (posts.length === 0) return;
    this.#random.pick(posts).plan(this.#random.pick(directives), 1 + this.#random.int(3));
  }

  /** More often than the component above allows, now and then. */
  #faultBelow(): void {
    const posts = this.#plant.layout.clerks.filter(({ alive, planned }) => alive && !planned);
    if (posts.length === 0) return;
    this.#random.pick(posts).plan(this.#random.pick(directivesBelow), 1 + this.#random.int(8));
  }

  /** Lets a carrier fail whose clerk was killed: what is made in its place makes another. */
  #renew(): void {
    const { carriers, clerks } = this.#plant.layout;
    const posts = carriers.filter(
      ({ component, planned }, index) =>
        component instanceof Station && !planned && clerks[index]?.alive === false,
    );
    if (posts.length > 0) this.#random.pick(posts).plan('restart', 1);
  }

  #kill(): void {
    const opening = this.#pickWorking();
    if (!opening) return;
    this.#plant.kill(opening.post);
    this.#plant.account.did('component killed');
  }

  #replace(): void {
    const opening = this.#pickWorking();
    if (!opening) return;
    if (this.#holdsAt(opening)) this.#plant.account.did('component replaced at a held channel');
    this.#plant.replace(opening);
  }

  /** Often one with a channel that is held. */
  #pickWorking(): Opening | undefined {
    const openings = this.#plant.openings.filter(canWork);
    const beside = openings.filter((opening) => this.#holdsAt(opening));
    const candidates = beside.length > 0 && this.#random.int(2) === 0 ? beside : openings;
    return candidates.length > 0 ? this.#random.pick(candidates) : undefined;
  }

  #holdsAt({ post }: Opening): boolean {
    return this.#plant.layout.joints.some((joint) => joint.holdsAt(post));
  }

  #observe(): void {
    if (this.#trace) return;
    const { account, system } = this.#plant;
    let latest = 0;
    this.#trace = system.trace.subscribe(({ id }) => {
      if (id <= latest) account.complain(`the trace went back from ${latest} to ${id}`);
      latest = id;
    });
    account.did('trace observed');
  }

  #traceOff(): void {
    this.#trace?.unsubscribe();
    this.#trace = undefined;
  }
}

function canWork({ post }: Opening): boolean {
  return post.alive && !post.replacing;
}

function isVacant({ post }: Opening): boolean {
  return !post.alive;
}

function isStopped({ post }: Opening): boolean {
  return post.alive && post.stopped;
}
