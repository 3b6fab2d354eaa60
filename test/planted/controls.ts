import type { Edit } from './edit';
import type { Finder } from './finders';

/** A rule of the protocol (sections 4 and 5 of its design) that is left out, or one of the classic traps. */
export interface Control {
  readonly name: string;
  /** What is done instead. */
  readonly about: string;
  readonly edits: readonly Edit[];
  /** What finds it. Default: `churn`. */
  readonly by?: Finder;
  /** It is found within so many seeds, from 1 on; or within so many runs of a schedule. */
  readonly seeds: number;
  /** What is found: one of these. */
  readonly findings: readonly string[];
}

const record = 'slot-register/src/record.ts';
const acceptor = 'slot-register/src/acceptor.ts';
const proposer = 'slot-register/src/proposer.ts';
const slots = 'slot-register/src/slots.ts';
const streams = 'slot-register/src/sync-streams.ts';
const localReplica = 'slot-register/src/local-replica.ts';
const planner = 'gms/src/planner.ts';

const noResults: Edit = {
  file: record,
  find: 'if (before?.sequence === sequence) return before.outcome;',
  replace: '',
};

/** What is left out of the registers. */
const registers: readonly Control[] = [
  {
    name: 'C01-no-results',
    about: 'D3: a request is executed again that the record knows.',
    edits: [noResults],
    seeds: 3,
    findings: ['I2'],
  },
  {
    name: 'C11-no-results-and-a-death',
    about: 'As C01; who coordinates the request dies.',
    edits: [noResults],
    by: 'a dying coordinator',
    seeds: 10,
    findings: ['performed twice'],
  },
  {
    name: 'C02-duplicate-answered-early',
    about: 'A copy of a request is answered by the record that knows it, before that is chosen.',
    edits: [
      {
        file: proposer,
        find: 'const answer = draft.perform(mutate.id, mutate.operation);',
        replace: `const { session, sequence } = mutate.id;
          const known = draft
            .finish()
            .results.find((one) => one.session.chance === session.chance && one.sequence === sequence);
          if (known) {
            this.#register.next(new MutateReturn(mutate, known.outcome));
            continue;
          }
          const answer = draft.perform(mutate.id, mutate.operation);`,
      },
    ],
    seeds: 3,
    findings: ['I12', 'I3'],
  },
  {
    name: 'C03-failed-cas-not-recorded',
    about: 'A cas that fails leaves no result in the record.',
    edits: [
      {
        file: record,
        find: 'const result = { session, sequence, outcome };',
        replace:
          'if (!outcome.succeeded) return outcome;\n    const result = { session, sequence, outcome };',
      },
    ],
    seeds: 3,
    findings: ['I12'],
  },
  {
    name: 'T13-no-fence',
    about: 'A0: what is said in another epoch is answered.',
    edits: [
      {
        file: slots,
        find: 'if (entry?.place.epoch !== epoch) return undefined;\n    return entry.place',
        replace: 'if (!entry) return undefined;\n    return entry.place',
      },
    ],
    seeds: 3,
    findings: ['I7'],
  },
  {
    name: 'C05-no-promise',
    about: 'A2: a record is accepted though a higher ballot was promised.',
    edits: [
      {
        file: acceptor,
        find: 'record: RegisterRecord): boolean {\n    if (ballot < this.promised(register)) return false;',
        replace: 'record: RegisterRecord): boolean {',
      },
    ],
    seeds: 3,
    findings: ['I4', 'I6', 'I1'],
  },
  {
    name: 'C06-blind-takeover',
    about: 'Who takes a register over builds on what it holds itself, and asks nobody.',
    edits: [
      {
        file: proposer,
        find: 'if (preparation.isHeardByMajority) this.#prepared(preparation);\n    else this.#enter',
        replace: `const own = slot.acceptor.vote(agenda.register);
    if (own) this.#build(slot, agenda, ballot, own.record);
    else if (preparation.isHeardByMajority) this.#prepared(preparation);
    else this.#enter`,
      },
    ],
    seeds: 3,
    findings: ['I1'],
  },
  {
    name: 'C07-one-is-a-majority',
    about: 'A record counts as chosen when its proposer holds it.',
    edits: [
      {
        file: 'slot-register/src/imposition.ts',
        find: 'return this.slot.seat.group.isMajority(this.#holders);',
        replace: 'return this.heard !== undefined;',
      },
    ],
    seeds: 3,
    findings: ['I12'],
  },
  {
    name: 'C08-read-the-highest',
    about: 'R2: a read returns the highest record that it heard of, and imposes nothing.',
    edits: [
      {
        file: 'slot-register/src/consultation.ts',
        find: 'return this.slot.seat.group.isMajority(this.#holders) ? this.#highest?.record : undefined;',
        replace: 'return this.isHeardByMajority ? this.#highest?.record : undefined;',
      },
    ],
    seeds: 3,
    findings: ['I4', 'not linearizable'],
  },
  {
    name: 'C09-unsynced-says-absent',
    about: 'Who is not synced says that there is nothing where it cannot tell.',
    edits: [
      {
        file: acceptor,
        find: '?? (this.#synced ? this.#absent : undefined)',
        replace: '?? this.#absent',
      },
    ],
    seeds: 3,
    findings: ['I9'],
  },
  {
    name: 'C10-ballot-used-twice',
    about: 'Who prepares a second time does so with the ballot of the first time.',
    edits: [
      {
        file: proposer,
        find: 'ballotOf(1 + roundOf(acceptor.highest), seat.ownIndex)',
        replace: 'ballotOf(Math.max(1, roundOf(acceptor.highest)), seat.ownIndex)',
      },
    ],
    seeds: 3,
    findings: ['I13', 'a new ballot is higher than all that were heard of'],
  },
];

/** What is left out where slots move. */
const moves: readonly Control[] = [
  {
    name: 'C20-not-sealed',
    about: 'What was accepted in the epoch before is accepted in the new one.',
    edits: [
      {
        file: slots,
        find: 'slot: seat && new Slot(number, seat),',
        replace: 'slot: seat && Object.assign(new Slot(number, seat), acceptor && { acceptor }),',
      },
    ],
    seeds: 3,
    findings: ['stuck'],
  },
  {
    name: 'T15-copied-from-one',
    about: 'What one member of the previous group held is what the epoch begins with.',
    edits: [
      {
        file: 'slot-register/src/merge-quorum.ts',
        find: 'this.#heard.size < this.#previous.quorum || !this.#isComplete',
        replace: '!this.#isComplete',
      },
    ],
    seeds: 50,
    findings: ['I1', 'I4', 'I9'],
  },
  {
    name: 'T17-results-stay-behind',
    about: 'What moves to another epoch is the values, without what is known of requests.',
    edits: [
      {
        file: 'slot-register/src/bases.ts',
        find: 'bases.push({ register, record, former',
        replace: 'bases.push({ register, record: { ...record, results: [] }, former',
      },
    ],
    seeds: 10,
    findings: ['I3, I11', 'I5', 'I2'],
  },
  {
    name: 'C24-lacking-and-synced',
    about: 'A5: a chunk counts though a record in it is not here under its old tag.',
    edits: [
      {
        file: streams,
        find: "if (needed.length > 0) return { kind: 'need', registers: needed };",
        replace: '',
      },
    ],
    seeds: 3,
    findings: ['I9'],
  },
  {
    name: 'C26-disturbed-and-fixed',
    about: 'The lead fixes the bases of its first ballot though somebody has a higher one.',
    edits: [
      {
        file: localReplica,
        find: 'return leads && acceptor.highest <= firstBallot;',
        replace: 'return leads;',
      },
    ],
    seeds: 15,
    findings: ['who is synced has promised nothing it lacks', 'I5'],
  },
  {
    name: 'C27-dropped-at-once',
    about: 'What a member held in the epoch before is dropped before the slot is settled.',
    edits: [
      {
        file: slots,
        find: 'former: previous && isFormer ? formerOf(previous, before) : undefined,',
        replace: 'former: undefined,',
      },
    ],
    seeds: 3,
    findings: ['I10'],
  },
];

/** What is left out of the rules for views. */
const views: readonly Control[] = [
  {
    name: 'C40-many-at-a-time',
    about: 'V2: all new members of a group come at once.',
    edits: [
      {
        file: planner,
        find: 'mostNew: mostNewMembers(view.replication),',
        replace: 'mostNew: view.replication,',
      },
    ],
    seeds: 3,
    findings: ['I8: V2'],
  },
  {
    name: 'C41-not-settled',
    about: 'V3: a slot changes again before it is settled.',
    edits: [
      {
        file: planner,
        find: 'const isStuck = !settled(slot) || !hasMajority',
        replace: 'const isStuck = !hasMajority',
      },
    ],
    seeds: 3,
    findings: ['I8: V3'],
  },
  {
    name: 'C42-led-by-the-newcomer',
    about: 'V8: the lead of a slot is the last of its group.',
    edits: [
      {
        file: planner,
        find: 'const lead = leadOfNext(group, from.group);\n    slots[slot]',
        replace: 'const lead = group.at(-1) ?? 0;\n    slots[slot]',
      },
    ],
    seeds: 3,
    findings: ['I8: V8'],
  },
  {
    name: 'T16-two-views-of-one-number',
    about: 'A view is decided when one member of the council has promised, and one accepted.',
    edits: [
      {
        file: 'consensus/src/attempt.ts',
        find: 'return quorum.size > this.#acceptors.length / 2;',
        replace: 'return quorum.size > 0;',
      },
    ],
    seeds: 10,
    findings: ['I8'],
  },
  {
    name: 'C44-forgotten-with-the-view',
    about: 'Who is suspected before the first view is suspected by nobody who could let it go.',
    edits: [
      {
        file: 'gms/src/accusations.ts',
        find: 'if (indexOf(view, process) === undefined) known.delete(process);',
        replace:
          'if (view.number === 1 || indexOf(view, process) === undefined) known.delete(process);',
      },
    ],
    seeds: 60,
    findings: ['stuck'],
  },
];

export const controls: readonly Control[] = [...registers, ...moves, ...views];
