import type { Control } from '../control';

const bases = 'slot-register/src/bases.ts';

/** What is left out of the rules by which registers forget. */
export const forgetting: readonly Control[] = [
  {
    name: 'C30-no-generation-floor',
    about: 'D1: what a session asks is executed, though the record has forgotten what it did.',
    edits: [
      {
        file: 'slot-register/src/record.ts',
        find: "if (session.generation < this.#generationFloor) return 'session expired';",
        replace: '',
      },
    ],
    by: 'crowded slots',
    seeds: 3,
    findings: ['I19', 'I2'],
  },
  {
    name: 'C31-expired-answered-early',
    about: 'A session is said to be over before the record that forgets it is chosen.',
    edits: [
      {
        file: 'slot-register/src/proposer.ts',
        find: "if (answer === 'superseded') {",
        replace: `if (answer === 'session expired') {
        const { generationFloor } = draft.finish();
        this.#register.next(new Refused(mutate, answer, 'it is over', generationFloor));
      } else if (answer === 'superseded') {`,
      },
    ],
    by: 'duels',
    seeds: 20,
    hint: 8,
    findings: ['I19'],
  },
  {
    name: 'C32-forgotten-alone',
    about: 'Who holds a tombstone forgets it when it likes.',
    edits: [
      {
        file: 'slot-register/src/acceptor.ts',
        find: 'return this.#accepted.get(register) ?? this.#unheld;',
        replace: `const held = this.#accepted.get(register);
    const isGone = held !== undefined && held.record.value === undefined && this.#synced;
    return (isGone ? undefined : held) ?? this.#unheld;`,
      },
      {
        file: 'slot-register/src/acceptor.ts',
        find: 'return this.#accepted.tagOf(register) ?? this.#unheld;',
        replace: 'return this.vote(register);',
      },
    ],
    seeds: 3,
    findings: ['I5', 'I9', 'I6'],
  },
  {
    name: 'C33-tombstone-of-any-age',
    about: 'A tombstone is left out of a new epoch, whatever results are in it.',
    edits: [
      {
        file: bases,
        find: 'if (isCollectable(record, generation)) {',
        replace: 'if (record.value === undefined) {',
      },
    ],
    seeds: 3,
    findings: ['I3, I11'],
  },
  {
    name: 'C34-floor-stays',
    about: 'A tombstone is left out, and the generation floor of the slot does not rise.',
    edits: [
      {
        file: bases,
        find: 'generationFloor = Math.max(generationFloor, generation, record.generationFloor);',
        replace: '',
      },
    ],
    by: 'crowded slots',
    seeds: 120,
    hint: 6,
    findings: ['I2', 'I3, I11'],
  },
  {
    name: 'C35-versions-restart',
    about: 'A tombstone is left out, and the versions of its register begin anew.',
    edits: [
      { file: bases, find: 'versionFloor = Math.max(versionFloor, record.version);', replace: '' },
    ],
    by: 'crowded slots',
    seeds: 60,
    hint: 17,
    findings: ['I1'],
  },
];
