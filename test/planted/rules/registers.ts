import type { Control } from '../control';
import type { Edit } from '../edit';
import { noFence } from '../schedules/epochs';
import { localRead } from '../schedules/views';

const record = 'slot-register/src/record.ts';
const acceptor = 'slot-register/src/acceptor.ts';
const proposer = 'slot-register/src/proposer.ts';
const slots = 'slot-register/src/slots.ts';

const noResults: Edit = {
  file: record,
  find: 'if (before?.sequence === sequence) return before.outcome;',
  replace: '',
};

/** What is left out of the registers. */
export const registers: readonly Control[] = [
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
        find: "import { type Slot } from './slot';",
        replace: "import { type Slot } from './slot';\nimport { Results } from './results';",
      },
      {
        file: proposer,
        find: 'const answer = draft.perform(mutate.id, mutate.operation);',
        replace: `const { session, sequence } = mutate.id;
          const known = Results.unpack(draft.finish().results)
            .find((one) => one.session.chance === session.chance && one.sequence === sequence);
          if (known) {
            this.#register.next(new MutateReturn(mutate, known.outcome, this.#slots.era));
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
    schedule: noFence,
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
    seeds: 8,
    hint: 4,
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
    by: 'duels',
    seeds: 5,
    findings: ['I4', 'not linearizable'],
  },
  {
    name: 'C09-unsynced-says-absent',
    about: 'Who is not synced says that there is nothing where it cannot tell.',
    edits: [
      {
        file: acceptor,
        find: 'return this.#synced ? this.#absent : undefined;',
        replace: 'return this.#absent;',
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
  {
    name: 'C12-own-record-unasked',
    about: 'A proposer holds its own record, though it has promised a higher ballot meanwhile.',
    edits: [
      {
        file: acceptor,
        find: 'record: RegisterRecord): boolean {\n    if (ballot < this.promised(register)) return false;',
        replace:
          'record: RegisterRecord, isOwn = false): boolean {\n    if (!isOwn && ballot < this.promised(register)) return false;',
      },
      {
        file: proposer,
        find: 'slot.acceptor.accept(agenda.register, ballot, 0, record)',
        replace: 'slot.acceptor.accept(agenda.register, ballot, 0, record, true)',
      },
      {
        file: proposer,
        find: 'slot.acceptor.accept(register, ballot, count, record)',
        replace: 'slot.acceptor.accept(register, ballot, count, record, true)',
      },
    ],
    by: 'duels',
    seeds: 25,
    hint: 15,
    findings: ['I1', 'I4', 'I2', 'I6'],
  },
  {
    name: 'C13-late-copy',
    about: 'D2: a copy of a request is executed though its session has made a later one.',
    edits: [
      {
        file: record,
        find: "if (before && before.sequence > sequence) return 'superseded';",
        replace: '',
      },
    ],
    seeds: 3,
    findings: ['I2', 'I3'],
  },
  {
    name: 'C14-nack-not-heeded',
    about: 'A4: who is refused forgets for which ballot.',
    edits: [
      {
        file: 'slot-register/src/replies.ts',
        find: 'phase.slot.acceptor.heed(phase.register, ballot);',
        replace: '',
      },
    ],
    by: 'a lead that was away',
    seeds: 1,
    findings: ['stuck'],
  },
  {
    name: 'C15-votes-of-outsiders',
    about: 'Who was in the group before is asked as well, and says that it holds the record.',
    edits: [
      {
        file: 'slot-register/src/phases.ts',
        find: 'this.members = members ?? slot.seat.group.members;',
        replace: `const { group, previous } = slot.seat;
    this.members = members ?? [...new Set([...group.members, ...(previous?.members ?? [])])];`,
      },
      {
        file: 'slot-register/src/replica.ts',
        find: `const slot = heard(register, epoch, source)?.slot;
    if (!slot) return;
    const { acceptor } = slot;
    if (acceptor.accept(`,
        replace: `const entry = heard(register, epoch, source);
    const slot = entry?.slot;
    if (entry && !slot) network.next(new AcceptedMessage(source, { phase }));
    if (!slot) return;
    const { acceptor } = slot;
    if (acceptor.accept(`,
      },
    ],
    seeds: 6,
    findings: ['I12'],
  },
  {
    name: 'T20-local-read',
    about: 'R1: the lead of a slot returns what it holds itself, as if nobody else could lead.',
    edits: [
      {
        file: 'slot-register/src/reader.ts',
        find: 'const { register } = reading.read;\n',
        replace: `const { register } = reading.read;
    const own = slot.leads ? slot.acceptor.vote(register) : undefined;
    if (own) {
      this.#finish(slot, reading, own.record);
      return;
    }
`,
      },
    ],
    seeds: 3,
    findings: ['I4'],
    schedule: localRead,
  },
  {
    name: 'C16-glance-at-one',
    about: 'A glance is content with what one member votes for.',
    edits: [
      {
        file: 'client/src/members.ts',
        find: 'const needed = Math.floor(group.length / 2) + 1;',
        replace: 'const needed = 1;',
      },
    ],
    seeds: 3,
    findings: ['not linearizable'],
  },
  {
    name: 'C17-glance-at-any-epoch',
    about: 'A0: who reads from outside is told votes of whatever epoch, and counts them together.',
    edits: [
      {
        file: 'slot-register/src/replica.ts',
        find: 'slots.inEpoch(slots.numberOf(register), epoch)?.acceptor',
        replace: 'slots.at(register)?.acceptor',
      },
    ],
    seeds: 20,
    findings: ['not linearizable', 'I7'],
  },
  {
    name: 'C18-glance-at-two-records',
    about: 'R2: a glance returns what it was told, whether or not all vote for that.',
    edits: [
      {
        file: 'client/src/glance.ts',
        find: 'if (tag?.ballot !== agreed?.ballot || tag?.count !== agreed?.count || !tag)',
        replace: 'if (!agreed || !tag)',
      },
    ],
    seeds: 20,
    findings: ['not linearizable'],
  },
];
