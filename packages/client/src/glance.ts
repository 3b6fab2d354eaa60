import type { Address } from '@jbstore/network/port';
import { GlanceMessage, type GlancedMessage } from '@jbstore/store/port';

/**
 * A read from outside the group, in one round (R1 and R2 of the protocol): a majority of the group of one epoch is
 * asked what it votes for, and if all of them vote for the same tag, that is what is read. If not, since the register is
 * being written, or its group changes, a member is asked to read it.
 *
 * It is as good as a read by a member. What a majority votes for is chosen. And no write is missed that was answered
 * before: if it was in this epoch, a majority holds it, and one of those is among who voted; if in a later one, a
 * majority of this epoch was sealed before, and one of those would have had to vote in it nevertheless.
 */
export class Glance {
  /** Who has answered: a bit for each, by rank. */
  #heard = 0;
  #answers = 0;
  #first: GlancedMessage | undefined;
  #full: GlancedMessage | undefined;

  /**
   * @param members - a majority of the group; the first of them is asked for all, the others for the tag
   * @param epoch - in which that is the group
   */
  constructor(
    readonly members: readonly Address[],
    readonly epoch: number,
  ) {}

  /** The first who has not answered. */
  get awaited(): Address | undefined {
    return this.members.find((_, rank) => (this.#heard & (1 << rank)) === 0);
  }

  /** Who has not answered. */
  get missing(): readonly Address[] {
    return this.members.filter((_, rank) => (this.#heard & (1 << rank)) === 0);
  }

  /** What the members are asked, in the call `phase`. */
  questions(phase: number, register: string): readonly GlanceMessage[] {
    const { epoch, members } = this;
    return members.map((member, rank) => {
      return new GlanceMessage(member, { phase, epoch, register, full: rank === 0 });
    });
  }

  /** What is read, if all have answered; 'nothing' if it has come to nothing; undefined as long as some are missing. */
  hear(glanced: GlancedMessage): GlancedMessage | 'nothing' | undefined {
    const { source, tag } = glanced;
    const rank = this.members.indexOf(source);
    if (rank < 0 || (this.#heard & (1 << rank)) !== 0) return undefined;
    this.#heard |= 1 << rank;
    this.#answers += 1;
    this.#first ??= glanced;
    const agreed = this.#first.tag;
    if (tag?.ballot !== agreed?.ballot || tag?.count !== agreed?.count || !tag) return 'nothing';
    if (rank === 0) this.#full = glanced;
    return this.#answers === this.members.length ? this.#full : undefined;
  }
}
