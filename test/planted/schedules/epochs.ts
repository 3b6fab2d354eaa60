import { apart, ask, keyIn, late, refreshed, silent, unheard, type Schedule } from '../schedule';

/** n1 leads the slot of x, which n2 and n3 hold as well, through two epochs. */
const slot = 1;
const x = keyIn(slot);
const everyNode = ['n0', 'n1', 'n2', 'n3'];

/** In the old epoch n2 and n3 choose what is not there in the new one, which n1 has begun with n3. */
export const noFence: Schedule = {
  about: 'n3, which is in the new epoch, takes part in the old one as well, which n2 knows alone',
  actions: [
    ask(800, 'c0', 'put', x, 'before'),
    silent(1_000, 2_600, ['n1'], ['n2']),
    apart(1_900, 3_400, ['c1'], ['n0', 'n1', 'n3']),
    apart(2_050, 2_600, ['n2'], ['n0', 'n1']),
    refreshed(2_060, slot),
    ask(2_310, 'c1', 'put', x, 'after'),
    apart(2_400, 3_400, ['n3'], ['n0', 'n1', 'n2', 'c0', 'c1']),
    ask(3_200, 'c0', 'get', x),
  ],
  healAtMs: 3_500,
};

/** Of the put at n2, which suspects n1, n1 knows nothing; n3 installs the view with the new epoch right after it. */
export const copiedBeforeTheSeal: Schedule = {
  about:
    'n1 begins the new epoch with what n2 and n3 hold, who then choose another value in the old',
  actions: [
    ask(800, 'c0', 'put', x, 'before'),
    silent(1_000, 3_000, ['n1'], ['n2']),
    apart(1_900, 3_000, ['c1'], ['n0', 'n1', 'n3']),
    apart(2_050, 2_300, ['n2', 'n3'], ['n0']),
    refreshed(2_060, slot),
    ask(2_200, 'c1', 'put', x, 'after'),
    apart(2_300, 3_000, ['n2'], ['n0', 'n1', 'n3', 'c0', 'c1']),
    ask(2_900, 'c0', 'get', x),
  ],
  healAtMs: 3_000,
};

/** What the others held reaches n1 when it has been asked for the first change of the new epoch. */
export const copiedFromOne: Schedule = {
  about: 'n1 has missed a put, and begins the new epoch with what it held itself, which is nothing',
  actions: [
    apart(1_000, 1_900, ['n1'], ['n2', 'n3', 'c0']),
    ask(1_800, 'c0', 'put', x, 'missed'),
    late(2_700, 3_000, ['n1'], ['n2', 'n3']),
    refreshed(2_710, slot),
    ask(2_900, 'c1', 'set if absent', x, 'the first'),
    ask(3_100, 'c0', 'get', x),
  ],
  healAtMs: 3_200,
};

/** The first try of the second put arrives, and nothing else between that client and the nodes, for a while. */
export const resultsStayBehind: Schedule = {
  about: 'c0 asks once more for a put, in the new epoch, where c1 has put something else by then',
  actions: [
    ask(800, 'c0', 'put', x, 'first'),
    unheard(1_000, 2_200, everyNode, ['c0']),
    ask(1_010, 'c0', 'put', x, 'second'),
    unheard(1_014, 2_200, ['c0'], everyNode),
    ask(1_100, 'c1', 'get', x),
    refreshed(1_300, slot),
    ask(1_800, 'c1', 'put', x, 'third'),
    ask(2_500, 'c1', 'get', x),
  ],
  healAtMs: 2_600,
};
