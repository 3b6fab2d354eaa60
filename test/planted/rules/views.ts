import type { Control } from '../control';
import { twoViewsOfOneNumber } from '../schedules/views';

const planner = 'gms/src/planner.ts';

/** What is left out of the rules for views. */
export const views: readonly Control[] = [
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
    schedule: twoViewsOfOneNumber,
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
    hint: 36,
    findings: ['stuck'],
  },
];
