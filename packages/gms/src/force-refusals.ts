import type { Losses } from './force';
import type { ChangeWish } from './messages';
import { watchedBy } from './neighbours';
import { addressOf, membersByIndex } from './slots';
import type { SlotEpoch } from './stretch';
import { endpointOf, type View } from './view';
import { endsEra, isOfLastEra } from './view-fields';

/** Members are to be given up. */
export type ForceWish = Extract<ChangeWish, { readonly kind: 'force' }>;

/** What a member that is not given up has said. */
export interface Survivor {
  readonly epoch: number;
  readonly suspected: ReadonlySet<number>;
  readonly settled: readonly SlotEpoch[];
}

/**
 * The members that listen at these `host:port`: of several at one place those that are suspected, as another
 * process may have joined from where one has died.
 */
export function membersAt(
  { members }: View,
  endpoints: readonly string[],
  suspected: ReadonlySet<number>,
): ReadonlySet<number> {
  return new Set(
    endpoints.flatMap((endpoint) => {
      const there = members.filter(({ address }) => endpointOf(address) === endpoint);
      const dead = there.filter(({ index }) => suspected.has(index));
      return (dead.length > 0 ? dead : there).map(({ index }) => index);
    }),
  );
}

/** Why members at these places cannot be given up, whatever became of them. */
export function refusalOfPlaces(
  view: View,
  { lost }: ForceWish,
  isAnyoneLeft: boolean,
): string | undefined {
  if (isOfLastEra(view) || endsEra(view)) {
    return 'there is no era after this one, or no number left for its first view: begin a new cluster';
  }
  const places = view.members.map(({ address }) => endpointOf(address));
  const stranger = lost.find((endpoint) => !places.includes(endpoint));
  if (stranger !== undefined) {
    return `${stranger} is no member: they are ${[...new Set(places)].join(', ')}`;
  }
  return isAnyoneLeft ? undefined : 'nobody would be left: begin a new cluster instead';
}

/** Why nobody leads who could have it decided. */
export function leaderlessRefusal(
  view: View,
  lost: ReadonlySet<number>,
  suspected: ReadonlySet<number>,
): string {
  const silent = view.members.filter(({ index }) => suspected.has(index) && !lost.has(index));
  const advice =
    silent.length === 0
      ? 'ask again in a few seconds'
      : `${placesOf(silent)} cannot be reached either: bring it back, or give it up as well if it is lost`;
  return `no member is trusted to lead now: ${advice}`;
}

/** Why not all that remains was heard of. */
export function silenceRefusal(silent: readonly View['members'][number][]): string {
  return `${placesOf(silent)} has not answered, and all who remain must: bring it back, or give it up as well if it is lost`;
}

/** Why a force would do harm, or nothing; undefined if it is needed. */
export function refusalOfForce(
  view: View,
  lost: ReadonlySet<number>,
  survivors: ReadonlyMap<number, Survivor>,
  { council, forced, gone }: Losses,
  { beginEmpty }: Pick<ForceWish, 'beginEmpty'>,
): string | undefined {
  const alive = refusalOfLiving(view, lost, survivors);
  if (alive !== undefined) return alive;
  if (!council && forced.length + gone.length === 0) {
    return 'no slot has lost its majority, nor has the council: the cluster can go on by itself; let others join it';
  }
  if (gone.length === 0 || beginEmpty) return undefined;
  return `nobody else has anything of ${gone.length} of the ${view.slotCount} slots: bring one of the lost nodes back, or have these slots begin empty`;
}

/** Who watches a member, and does not suspect it, takes it for alive. */
function refusalOfLiving(
  view: View,
  lost: ReadonlySet<number>,
  survivors: ReadonlyMap<number, Survivor>,
): string | undefined {
  const byIndex = membersByIndex(view);
  for (const [witness, { suspected }] of survivors) {
    const watched = watchedBy(view, witness);
    for (const member of lost) {
      const address = byIndex.get(member)?.address;
      if (address === undefined || !watched.has(address) || suspected.has(member)) continue;
      const knows = endpointOf(addressOf(view, witness) ?? address);
      return `${endpointOf(address)} is alive as far as ${knows} knows: give up only what is lost for good; a node that has just crashed is suspected after some seconds`;
    }
  }
  return undefined;
}

function placesOf(members: readonly View['members'][number][]): string {
  return members.map(({ address }) => endpointOf(address)).join(', ');
}
