import type { Context, Random, RequiredPort } from '@jbstore/core';
import { type Network, type Address } from '@jbstore/network/port';

import type { Accusations } from './accusations';
import { firstSurvivor, forcedView, lossesOf, type Losses } from './force';
import {
  leaderlessRefusal,
  membersAt,
  refusalOfForce,
  refusalOfPlaces,
  silenceRefusal,
  type ForceWish,
  type Survivor,
} from './force-refusals';
import {
  ChangeReply,
  ChangeRequest,
  Install,
  Survey,
  SurveyReply,
  type ChangeVerdict,
} from './messages';
import type { Settlement } from './settlement';
import { hasMajority } from './slot-step';
import { addressOf, indexOf } from './slots';
import { slotsIn, stretchesOf } from './stretch';
import type { View } from './view';
import { epochOf } from './view-fields';

/** So many ticks all who remain have to answer. */
const patienceTicks = 20;

/** An operator asks that members be given up, and those who remain are asked how it is with them. */
interface Inquiry {
  readonly id: number;
  readonly asker: Address;
  readonly question: number;
  readonly wish: ForceWish;
  readonly lost: ReadonlySet<number>;
  readonly survivors: Map<number, Survivor>;
  ticks: number;
}

/** What a process knows of the others, beside the view. */
interface Surroundings {
  readonly self: Address;
  readonly accusations: Accusations;
  readonly settlement: Settlement;
  /** There is a view that the leader is to propose. */
  readonly propose: () => void;
}

/**
 * Has an era begin that an operator forces, when what is lost will not come back (section 5.6 of the design).
 *
 * All who remain are asked first, and must answer: with one view, so that they were in the same epochs last, and so that
 * nothing is given up of which somebody knows that it is alive. Then the leader has the view decided as any other; or, if
 * the council is lost, the first who remains decides it alone, and there is no more to hold others to it than the
 * word of the operator: whoever decided otherwise meanwhile is of another line.
 */
export class Forcing {
  readonly #network: RequiredPort<typeof Network>;
  readonly #context: Context;
  readonly #surroundings: Surroundings;
  readonly #random: Random;
  #view: View | undefined;
  #inquiry: Inquiry | undefined;
  #questions = 0;
  /** What the leader is to propose before anything else. */
  #proposal: View | undefined;

  constructor(network: RequiredPort<typeof Network>, context: Context, surroundings: Surroundings) {
    this.#network = network;
    this.#context = context;
    this.#surroundings = surroundings;
    this.#random = context.random('force');

    network.upon(Survey, ({ source, id }) => {
      if (!this.#view) return;
      const { epoch, suspected, settled } = this.#own(this.#view);
      const fields = { id, epoch, suspected: [...suspected], settled: stretchesOf(settled) };
      network.next(new SurveyReply(source, fields));
    });

    network.upon(SurveyReply, ({ source, id, epoch, suspected, settled }) => {
      const member = this.#view && indexOf(this.#view, source);
      const inquiry = this.#inquiry;
      if (inquiry?.question !== id || member === undefined) return;
      inquiry.survivors.set(member, {
        ...{ epoch, suspected: new Set(suspected), settled: [...slotsIn(settled)] },
      });
      this.#look(inquiry);
    });
  }

  get proposal(): View | undefined {
    return this.#proposal;
  }

  /** What was asked for in the view before is asked for again, if it is not done. */
  install(view: View): void {
    this.#view = view;
    this.#inquiry = undefined;
    this.#proposal = undefined;
  }

  /** An operator asks for it, who is answered by whoever decides. */
  ask(
    view: View,
    { source, id, client }: ChangeRequest,
    wish: ForceWish,
    leader: Address | undefined,
  ): void {
    const asker = client ?? source;
    const { self, accusations } = this.#surroundings;
    const { suspected } = accusations;
    const lost = membersAt(view, wish.lost, suspected);
    const first = firstSurvivor(view, lost);
    const refusal = refusalOfPlaces(view, wish, first !== undefined);
    const decider = hasMajority(view.council, lost) ? leader : first?.address;
    if (refusal !== undefined) this.#answer(asker, id, 'refused', refusal);
    else if (decider === self) this.#inquire(view, { id, asker, wish, lost });
    else if (decider !== undefined && client === null) {
      this.#network.next(new ChangeRequest(decider, { id, client: asker, change: wish }));
    } else this.#answer(asker, id, 'not now', leaderlessRefusal(view, lost, suspected));
  }

  /** Some time has passed. */
  tick(): void {
    const inquiry = this.#inquiry;
    if (!inquiry || !this.#view) return;
    inquiry.ticks += 1;
    const silent = this.#silent(this.#view, inquiry);
    if (inquiry.ticks < patienceTicks) {
      for (const { address } of silent) this.#network.next(this.#question(address, inquiry));
    } else this.#end(inquiry, 'refused', silenceRefusal(silent));
  }

  #inquire(view: View, asked: Pick<Inquiry, 'id' | 'asker' | 'wish' | 'lost'>): void {
    const { id, asker } = asked;
    if (this.#inquiry?.id === id && this.#inquiry.asker === asker) return;
    const own = indexOf(view, this.#surroundings.self) ?? 0;
    const survivors = new Map([[own, this.#own(view)]]);
    const inquiry: Inquiry = { ...asked, question: ++this.#questions, survivors, ticks: 0 };
    this.#inquiry = inquiry;
    for (const { address } of this.#silent(view, inquiry)) {
      this.#network.next(this.#question(address, inquiry));
    }
    this.#look(inquiry);
  }

  #question(member: Address, { question: id }: Inquiry): Survey {
    return new Survey(member, { id });
  }

  #own(view: View): Survivor {
    const { accusations, settlement } = this.#surroundings;
    const { suspected } = accusations;
    return { epoch: epochOf(view), suspected, settled: settlement.settledSlots };
  }

  #silent({ members }: View, { lost, survivors }: Inquiry): readonly View['members'][number][] {
    return members.filter(({ index }) => !lost.has(index) && !survivors.has(index));
  }

  #look(inquiry: Inquiry): void {
    const view = this.#view;
    if (!view || this.#silent(view, inquiry).length > 0) return;
    const { lost, wish } = inquiry;
    const survivors = [...inquiry.survivors.values()];
    if (survivors.some(({ epoch }) => epoch !== epochOf(view))) {
      this.#end(inquiry, 'not now', 'the nodes do not have the same view yet: ask again');
      return;
    }
    const known = survivors.flatMap(({ settled }) => settled.map(({ slot }) => slot));
    const settled = new Set(known);
    const isSettled = (slot: number): boolean => settled.has(slot);
    const losses = lossesOf(view, lost, isSettled);
    const refusal = refusalOfForce(view, lost, inquiry.survivors, losses, wish);
    if (refusal !== undefined) this.#end(inquiry, 'refused', refusal);
    else {
      this.#begin(inquiry, forcedView(view, lost, isSettled, this.#random.hex(8)), losses);
    }
  }

  #begin(inquiry: Inquiry, next: View, { council, forced, gone }: Losses): void {
    const { lost } = inquiry.wish;
    const [slots, empty] = [forced.length, gone.length];
    this.#context.log.warn('an operator gives up nodes', { lost, slots, empty, era: next.era });
    if (council) this.#impose(next, inquiry);
    else {
      this.#proposal = next;
      this.#surroundings.propose();
    }
    const text = `era ${next.era} is to begin: ${slots} slots with what is left of them, ${empty} empty`;
    this.#end(inquiry, 'accepted', text);
  }

  /** There is nobody to decide it with. */
  #impose(next: View, { survivors }: Inquiry): void {
    for (const member of survivors.keys()) {
      const address = this.#view && addressOf(this.#view, member);
      if (address !== undefined) this.#network.next(new Install(address, { view: next }));
    }
  }

  #end({ asker, id }: Inquiry, verdict: ChangeVerdict, text: string): void {
    this.#inquiry = undefined;
    this.#answer(asker, id, verdict, text);
  }

  #answer(asker: Address, id: number, verdict: ChangeVerdict, text: string): void {
    this.#network.next(new ChangeReply(asker, { id, verdict, text }));
  }
}
