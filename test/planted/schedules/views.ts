import { apart, ask, comingMs, keyIn, silent, type Schedule } from '../schedule';

const x = keyIn(0);
const y = keyIn(1);

/**
 * n0, n1 and n2 are the council, and hold x. For a while n1 learns from n2 what there is, which is in its group by either
 * view; then n0 and n2 are a majority of the group in the one view, and n1 and n3 in the other.
 */
export const twoViewsOfOneNumber: Schedule = {
  about:
    'n1 decides that n0 leaves, and n0 that its slot begins a new epoch, each in the second view',
  actions: [
    ask(800, 'c0', 'put', x, 'before'),
    silent(1_000, 3_200, ['n0'], ['n1', 'n3']),
    apart(2_050, 3_200, ['n0', 'c0'], ['n1', 'n3', 'c1']),
    apart(2_050, 2_400, ['n2'], ['n1', 'n3', 'c1']),
    { kind: 'leave', atMs: 2_080 - comingMs, place: 'n0' },
    { kind: 'refresh', atMs: 2_160, slots: [0] },
    apart(2_900, 3_200, ['n2'], ['n1', 'n3', 'c1']),
    ask(2_950, 'c0', 'put', x, 'after'),
    ask(3_050, 'c1', 'get', x),
  ],
  healAtMs: 3_200,
};

/** n1 leads the slot of y, and stands still while it is evicted, and something is put. */
export const localRead: Schedule = {
  about: 'n1, which has been evicted and does not know it, is asked for what it held',
  graceMs: 300,
  actions: [
    ask(800, 'c0', 'put', y, 'before'),
    { kind: 'pause', atMs: 1_000, place: 'n1', lastsMs: 1_600 },
    apart(1_000, 3_000, ['n1', 'c1'], ['n0', 'n2', 'n3', 'c0']),
    ask(2_400, 'c0', 'put', y, 'after'),
    ask(2_500, 'c1', 'get', y),
  ],
  healAtMs: 3_100,
};
