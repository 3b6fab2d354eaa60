import type { Control } from '../control';

/** What is left out of the rules by which a slot goes on that has lost a majority. */
export const losses: readonly Control[] = [
  {
    name: 'C50-majority-of-survivors',
    about: 'Who begins a forced epoch hears a majority of the survivors, and not each of them.',
    edits: [
      {
        file: 'slot-register/src/slots.ts',
        find: 'quorum: isForced ? group.length : majority',
        replace: 'quorum: majority',
      },
    ],
    by: 'losses',
    seeds: 15,
    hint: 7,
    findings: ['I3', 'I4'],
  },
  {
    name: 'C51-earlier-epoch-first',
    about: 'Of what was accepted in two epochs, that of the earlier one is salvaged.',
    edits: [
      {
        file: 'slot-register/src/tag.ts',
        find: 'return epochIn(one) > epochIn(other);',
        replace: 'return epochIn(one) < epochIn(other);',
      },
    ],
    by: 'losses',
    seeds: 10,
    hint: 3,
    findings: ['I3', 'I4'],
  },
  {
    name: 'C52-kept-before-accepted',
    about: 'A survivor says what it had kept before, and not what it has accepted since.',
    edits: [
      {
        file: 'slot-register/src/former.ts',
        find: '[before, acceptor && { epoch, holdings: acceptor.seal() }]',
        replace: '[acceptor && { epoch, holdings: acceptor.seal() }, before]',
      },
    ],
    by: 'losses',
    seeds: 5,
    findings: ['I3', 'I4'],
  },
];
