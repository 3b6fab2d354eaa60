import { epochOf, type Member, type Run, type Token, type ViewFields } from './view-fields';

/** What is wrong with a view whose fields are right each for itself; undefined if nothing is. */
export function flawOfView(view: ViewFields): string | undefined {
  const byIndex = new Map(view.members.map((member) => [member.index, member]));
  if (view.era !== view.forces.length) return 'each era but the first was begun by a force';
  return (
    flawOfMembers(view.members, view.nextIndex) ??
    flawOfCouncil(view.council, byIndex) ??
    flawOfTokens(view, byIndex) ??
    flawOfRuns(view, byIndex)
  );
}

type ByIndex = ReadonlyMap<number, Member>;

function flawOfMembers(members: readonly Member[], nextIndex: number): string | undefined {
  if (!isRising(members.map(({ index }) => index))) return 'members are sorted by index, each once';
  if (members.some(({ index }) => index >= nextIndex)) return 'nextIndex is above all indices';
  const active = members.filter(({ state }) => state === 'active');
  const places = active.map(({ address }) => address.slice(address.indexOf('@')));
  if (hasTwice(places)) return 'no two active members listen at one host and port';
  if (hasTwice(members.map(({ address }) => address))) return 'no process is a member twice';
  return undefined;
}

function flawOfCouncil(council: readonly number[], byIndex: ByIndex): string | undefined {
  if (council.length % 2 === 0) return 'the council has an odd number of members';
  if (hasTwice(council)) return 'nobody is in the council twice';
  if (!council.every((index) => isPresent(byIndex, index))) return 'the council is of members';
  return undefined;
}

function flawOfTokens({ tokens, slotCount }: ViewFields, byIndex: ByIndex): string | undefined {
  if ((slotCount & (slotCount - 1)) !== 0) return 'the number of slots is a power of two';
  if (!isRising(tokens.map(({ slot }) => slot))) return 'tokens are sorted by slot, each once';
  if (tokens.some(({ slot }) => slot >= slotCount)) return 'tokens are at slots of the ring';
  const isActive = ({ member }: Token): boolean => byIndex.get(member)?.state === 'active';
  if (!tokens.every(isActive)) return 'tokens are of active members';
  return undefined;
}

function flawOfRuns(view: ViewFields, byIndex: ByIndex): string | undefined {
  const slots = view.runs.reduce((sum, run) => sum + run.slots, 0);
  if (slots !== view.slotCount) return `runs cover the ${view.slotCount} slots, not ${slots}`;
  for (const run of view.runs) {
    const flaw = flawOfRun(run, view, byIndex);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

function flawOfRun(run: Run, view: ViewFields, byIndex: ByIndex): string | undefined {
  const { epoch, group, lead, previous } = run;
  if (group.length > view.replication) return 'a group is not larger than the replication';
  if (hasTwice(group)) return 'nobody is in a group twice';
  if (!group.every((index) => isPresent(byIndex, index))) return 'groups are of members';
  if (!group.includes(lead)) return 'the lead is in its group';
  if (epoch > epochOf(view)) return 'no epoch is above that of the view';
  if (!previous) return undefined;
  if (previous.epoch >= epoch) return 'a previous epoch is below the epoch';
  if (hasTwice(previous.group)) return 'nobody is in a previous group twice';
  if (previous.group.some((index) => index >= view.nextIndex)) {
    return 'previous groups are of those who are, or were, members';
  }
  return undefined;
}

function isPresent(byIndex: ByIndex, index: number): boolean {
  const member = byIndex.get(index);
  return member !== undefined && member.state !== 'evicted';
}

function isRising(numbers: readonly number[]): boolean {
  return numbers.every((number, place) => place === 0 || number > (numbers[place - 1] ?? 0));
}

function hasTwice(items: readonly unknown[]): boolean {
  return new Set(items).size !== items.length;
}
