/** Names begin with a position, of which these characters are as good as drawn within a slot; others are short. */
const hashedFrom = 8;
const hashedTo = 14;

/** 32 bits of the name of a register (after Fowler, Noll and Vo), to find it among those of one slot. */
export function hashOf(register: string): number {
  const from = register.length > hashedTo ? hashedFrom : 0;
  const to = register.length > hashedTo ? hashedTo : register.length;
  let hash = 0x811c9dc5;
  for (let character = from; character < to; character += 1) {
    hash = Math.imul(hash ^ register.charCodeAt(character), 0x01000193);
  }
  return hash ^ (hash >>> 15);
}
