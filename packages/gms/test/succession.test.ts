import { changeDue, type Applications } from '../src/succession';
import { endpointOf } from '../src/view';
import { everything, processAt, smallView } from './planning';

const nobody: Applications = { joiners: [], leaving: new Set(), successors: new Map() };
const second = new Set([2]);
const lost = { ...everything, suspected: second, givenUp: second };

test('nothing is due while everybody is there and nobody asks', () => {
  expect(changeDue(smallView(4, 3), nobody, everything)).toBeUndefined();
});

test('who is given up is let go only if that leaves δ members', () => {
  expect(changeDue(smallView(4, 3), nobody, lost)).toStrictEqual({ kind: 'leave', member: 2 });
  expect(changeDue(smallView(3, 3), nobody, lost)).toBeUndefined();
});

test('a joiner takes the place of who is given up, and waits for that of who may be', () => {
  const asked = { ...nobody, joiners: [processAt(9)] };
  const doubted = { ...everything, suspected: second };

  const replacement = { kind: 'replace', member: 2, by: processAt(9) };
  expect(changeDue(smallView(3, 3), asked, lost)).toStrictEqual(replacement);
  expect(changeDue(smallView(3, 3), asked, doubted)).toBeUndefined();
});

test('a joiner at the place of a member takes it if that is suspected, and waits else', () => {
  const asked = { ...nobody, joiners: [processAt(2)] };

  const replacement = { kind: 'replace', member: 2, by: processAt(2) };
  expect(changeDue(smallView(3, 3), asked, lost)).toStrictEqual(replacement);
  expect(changeDue(smallView(3, 3), asked, everything)).toBeUndefined();
});

test('who is to be replaced by a member leaves it its tokens, even if it is given up', () => {
  const successors = new Map([[2, endpointOf(processAt(4))]]);
  const departure = { kind: 'leave', member: 2, heir: 4 };

  for (const knowledge of [everything, lost]) {
    expect(changeDue(smallView(4, 3), { ...nobody, successors }, knowledge)).toStrictEqual(
      departure,
    );
  }
});

test('while half of the members are suspected nobody is let go', () => {
  const suspected = { ...lost, suspected: new Set([2, 3]) };

  expect(changeDue(smallView(4, 3), nobody, suspected)).toBeUndefined();
});
