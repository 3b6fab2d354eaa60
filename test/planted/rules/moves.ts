import type { Control } from '../control';
import { copiedBeforeTheSeal, copiedFromOne, resultsStayBehind } from '../schedules/epochs';

const slots = 'slot-register/src/slots.ts';
const streams = 'slot-register/src/sync-streams.ts';
const localReplica = 'slot-register/src/local-replica.ts';

/** What is left out where slots move. */
export const moves: readonly Control[] = [
  {
    name: 'C20-not-sealed',
    about: 'What was accepted in the epoch before is accepted in the new one.',
    edits: [
      {
        file: slots,
        find: 'slot: seat && new Slot(number, seat),',
        replace:
          'slot: seat && Object.assign(new Slot(number, seat), before?.slot && { acceptor: before.slot.acceptor }),',
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
    by: 'crowded slots',
    seeds: 10,
    findings: ['I1', 'I3, I11', 'I4', 'I9'],
    schedule: copiedFromOne,
  },
  {
    name: 'T17-results-stay-behind',
    about: 'What moves to another epoch is the values, without what is known of requests.',
    edits: [
      {
        file: 'slot-register/src/bases.ts',
        find: 'bases.push({ register, record, former',
        replace: 'bases.push({ register, record: { ...record, results: "\\0" }, former',
      },
    ],
    seeds: 10,
    findings: ['I3, I11', 'I5', 'I2'],
    schedule: resultsStayBehind,
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
    hint: 4,
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
  {
    name: 'C21-base-fixed-twice',
    about: 'What the lead has begun with is replaced, when the bulk comes, by what that has.',
    edits: [
      {
        file: localReplica,
        find: 'if (acceptor.accepted.has(register)) continue;',
        replace: '',
      },
      {
        file: 'slot-register/src/acceptor.ts',
        find: 'held.count >= count) return true;',
        replace: 'held.count >= count && count > 0) return true;',
      },
    ],
    by: 'crowded slots',
    seeds: 3,
    findings: ['I5', 'I6'],
  },
  {
    name: 'C22-unsynced-is-complete',
    about: 'What was held by one that was not synced counts as all that there was.',
    edits: [
      {
        file: 'slot-register/src/former.ts',
        find: 'complete: synced, generationFloor',
        replace: 'complete: true || synced, generationFloor',
      },
      {
        file: 'slot-register/src/slot-replica.ts',
        find: 'const { synced: complete, generationFloor, versionFloor } = holdings;',
        replace: 'const { generationFloor, versionFloor } = holdings;\n  const complete = true;',
      },
    ],
    seeds: 8,
    findings: ['I9', 'I1'],
  },
  {
    name: 'C23-skipped-is-gone',
    about: 'Who has skipped an epoch says, of what it held then, that it is gone.',
    edits: [
      {
        file: slots,
        find: 'former: previous && isFormer ? formerOf(previous, before) : undefined,',
        replace:
          'former: previous && isFormer && before?.place.epoch === previous.epoch ? formerOf(previous, before) : undefined,',
      },
    ],
    by: 'absences',
    seeds: 25,
    hint: 19,
    findings: ['I10'],
  },
  {
    name: 'C25-last-chunk-is-all',
    about: 'A5: who has the last chunk of a stream is synced.',
    edits: [
      {
        file: streams,
        find: 'stream.complete.size === stream.chunks',
        replace: 'stream.chunks !== undefined',
      },
    ],
    by: 'crowded slots',
    seeds: 45,
    hint: 35,
    findings: ['I9', 'I1'],
  },
  {
    name: 'T14-copied-before-the-seal',
    about: 'What a member holds is copied while it takes part in the epoch before.',
    edits: [
      {
        file: 'slot-register/src/replica.ts',
        find: 'const entry = heard(register, epoch, source);\n    if (!entry?.place',
        replace: `const early = slots.entries[slots.numberOf(register)];
    const unsealed = early && early.place.epoch < epoch ? early.slot?.acceptor : undefined;
    if (unsealed) {
      const { synced: complete, ...floors } = unsealed.seal();
      const part = packedPart({ accepted: unsealed.accepted.get(register), complete, ...floors });
      network.next(new MergeStateMessage(source, { phase, part, ballot: noBallot }));
      return;
    }
    const entry = heard(register, epoch, source);
    if (!entry?.place`,
      },
      {
        file: 'slot-register/src/slot-replica.ts',
        find: 'const entry = heard(slot, epoch, source);\n    if (!entry?.place',
        replace: `const early = slots.entries[slot];
    const unsealed = early && early.place.epoch < epoch ? early.slot?.acceptor : undefined;
    if (unsealed) {
      const page = packedPage(unsealed.holdings(), { after, until }, held);
      network.next(new PageMessage(source, { phase, page, ballot: noBallot }));
      return;
    }
    const entry = heard(slot, epoch, source);
    if (!entry?.place`,
      },
    ],
    seeds: 5,
    hint: 3,
    findings: ['I7'],
    schedule: copiedBeforeTheSeal,
  },
];
