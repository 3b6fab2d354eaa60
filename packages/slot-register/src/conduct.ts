import { type Address, type Message } from '@jbstore/network/port';

import { GlanceMessage, GlancedMessage } from './glance';
import { demand, type Sent } from './lineage';
import {
  AcceptMessage,
  AcceptedMessage,
  MergeMessage,
  MergePageMessage,
  MergeStateMessage,
  NackMessage,
  PageMessage,
  PrepareMessage,
  PromiseMessage,
  ReadMessage,
  SlotPrepareMessage,
  ValueMessage,
} from './messages';
import { isHigher, noBallot, proposerOf, roundOf, type Tag } from './tag';

/** What is true of slots, whoever knows it. */
export interface SlotFacts {
  slotOf(register: string): number;
  /** The epoch in which the registers of `process` are, of this slot; 0 if in none. */
  epochAt(process: Address, slot: number): number;
  /** Its index, and whether it leads the slot in that epoch. */
  seatOf(
    process: Address,
    slot: number,
    epoch: number,
  ): { index: number; leads: boolean } | undefined;
  isSettled(slot: number, epoch: number): boolean;
  /** Something is there that was chosen in an earlier epoch, and was not deleted. */
  hasValueBefore(register: string, epoch: number): boolean;
}

type Question =
  | AcceptMessage
  | GlanceMessage
  | MergeMessage
  | MergePageMessage
  | PrepareMessage
  | ReadMessage
  | SlotPrepareMessage;

const questions: ReadonlySet<string> = new Set([
  AcceptMessage.type,
  GlanceMessage.type,
  MergeMessage.type,
  MergePageMessage.type,
  PrepareMessage.type,
  ReadMessage.type,
  SlotPrepareMessage.type,
]);

const replies: ReadonlySet<string> = new Set([
  AcceptedMessage.type,
  GlancedMessage.type,
  MergeStateMessage.type,
  NackMessage.type,
  PageMessage.type,
  PromiseMessage.type,
  ValueMessage.type,
]);

function isQuestion(message: Message): message is Question {
  return questions.has(message.declaration.type);
}

function isReply(message: Message): message is Message & { readonly phase: number } {
  return replies.has(message.declaration.type);
}

function voteIn(reply: Message): Tag | null {
  if (reply instanceof PromiseMessage) return reply.vote;
  return reply instanceof ValueMessage || reply instanceof GlancedMessage ? reply.tag : null;
}

/** What each member may say, by the rules of the protocol, after what it and others have said before. */
export class Conduct {
  readonly #facts: SlotFacts;
  readonly #questions = new Map<string, Question>();
  /** Which phase has prepared a ballot. */
  readonly #preparations = new Map<string, string>();
  /** The highest tag that a member has voted for, of each register in each epoch. */
  readonly #votes = new Map<string, Tag>();

  /** In which epoch a process was when it handled a question. */
  readonly #present = new WeakMap<object, number>();

  constructor(facts: SlotFacts) {
    this.#facts = facts;
  }

  /** The registers of `process` have come to what they were asked. */
  handles(process: Address, message: Message): void {
    if (!isQuestion(message)) return;
    this.#present.set(message, this.#facts.epochAt(process, this.#slotIn(message)));
  }

  /** @param cause - what the sender handled when it said so; what it sends goes out somewhat later */
  sent({ source, destination, message }: Sent, cause: object | undefined): void {
    if (isQuestion(message)) {
      this.#asks(source, message);
      return;
    }
    if (!isReply(message)) return;
    const question = this.#questions.get(`${destination} ${String(message.phase)}`);
    if (!question) return;
    const present = cause && this.#present.get(cause);
    // Who is in another epoch says so.
    if (message instanceof GlancedMessage && !message.tag) return;
    const { epoch } = question;
    demand(
      present === undefined || present === epoch,
      `I7: ${source} answers in the epoch ${String(epoch)}, and is in ${String(present)}`,
    );
    this.#replies(source, question, message);
  }

  #asks(source: Address, question: Question): void {
    const asker = `${source} ${String(question.phase)}`;
    if (this.#questions.has(asker)) return;
    this.#questions.set(asker, question);
    // With what lies behind `after` a preparation of the slot goes on.
    const isContinued = question instanceof SlotPrepareMessage && question.after !== '';
    const prepares = question instanceof PrepareMessage || question instanceof SlotPrepareMessage;
    if (prepares && !isContinued) this.#prepares(source, question);
    if (question instanceof AcceptMessage && roundOf(question.ballot) === 0) {
      const { epoch, ballot } = question;
      const seat = this.#facts.seatOf(source, this.#slotIn(question), epoch);
      const isOwn = seat?.leads === true && proposerOf(ballot) === seat.index;
      const isImposed = seat !== undefined && proposerOf(ballot) !== seat.index;
      demand(isOwn || isImposed, `I13: ${source} uses the ballot of the lead`);
    }
  }

  /** I13: a ballot is prepared once, by the member whose it is. */
  #prepares(source: Address, question: PrepareMessage | SlotPrepareMessage): void {
    const { epoch, ballot, phase } = question;
    const of = question instanceof PrepareMessage ? question.register : question.slot;
    const about = JSON.stringify([epoch, of, ballot]);
    const by = `${source} ${String(phase)}`;
    const seat = this.#facts.seatOf(source, this.#slotIn(question), epoch);
    demand(proposerOf(ballot) === seat?.index, `I13: ${source} prepares ${about}, of another`);
    demand(!this.#preparations.has(about), `I13: ${about} is prepared twice`);
    this.#preparations.set(about, by);
  }

  #replies(source: Address, question: Question, reply: Message): void {
    const slot = this.#slotIn(question);
    const { epoch } = question;
    const isGone =
      (reply instanceof MergeStateMessage && !reply.part) ||
      (reply instanceof PageMessage && !reply.page && question instanceof MergePageMessage);
    demand(
      !isGone || this.#facts.isSettled(slot, epoch),
      `I10: ${source} has dropped what it held of slot ${String(slot)} before ${String(epoch)}`,
    );
    if (!('register' in question)) return;
    const vote = voteIn(reply);
    if (vote) this.#votesFor(source, epoch, question.register, vote);
  }

  /** I6: what a member holds never goes back. I9: who is synced knows what was chosen before. */
  #votesFor(source: Address, epoch: number, register: string, vote: Tag): void {
    const key = `${source} ${String(epoch)} ${register}`;
    const known = this.#votes.get(key);
    demand(
      !known || !isHigher(known, vote),
      `I6: ${key} goes back to ${String(vote.ballot)}.${String(vote.count)}`,
    );
    this.#votes.set(key, { ballot: vote.ballot, count: vote.count });
    demand(
      vote.ballot !== noBallot || !this.#facts.hasValueBefore(register, epoch),
      `I9: ${key} is nothing, and something was chosen before`,
    );
  }

  #slotIn(question: Question): number {
    return 'slot' in question ? question.slot : this.#facts.slotOf(question.register);
  }
}
