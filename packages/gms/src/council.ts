/** More would only make deciding slower: reconfiguration then survives three crashes at once. */
const largestCouncil = 7;

/** Of so many members how many are in the council: the largest odd number up to 7. */
export function councilSizeOf(members: number): number {
  const most = Math.min(members, largestCouncil);
  return most % 2 === 1 ? most : most - 1;
}
