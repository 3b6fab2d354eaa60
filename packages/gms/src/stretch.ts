import { z } from 'zod';

import { mostSlots } from './position';

/** Neighbouring slots, all in one epoch, as they are told over the network. */
export const Stretch = z.object({
  first: z.int().nonnegative().max(mostSlots),
  slots: z.int().positive().max(mostSlots),
  epoch: z.int().nonnegative(),
});
export type Stretch = z.infer<typeof Stretch>;

/** As {@link stretchesOf} makes them, a slot is in no more than one: so many slots are as many as there can be. */
export const Stretches = z
  .array(Stretch)
  .max(mostSlots)
  .refine(
    (stretches) => stretches.reduce((sum, { slots }) => sum + slots, 0) <= mostSlots,
    'no slot is told twice',
  );

/** A slot, in the epoch that is spoken of. */
export interface SlotEpoch {
  readonly slot: number;
  readonly epoch: number;
}

/** `slots`, which rise, in as few stretches as there can be. */
export function stretchesOf(slots: Iterable<SlotEpoch>): Stretch[] {
  const stretches: Stretch[] = [];
  let last: Stretch | undefined;
  for (const { slot, epoch } of slots) {
    if (last?.epoch === epoch && last.first + last.slots === slot) last.slots += 1;
    else stretches.push((last = { first: slot, slots: 1, epoch }));
  }
  return stretches;
}

/** What {@link stretchesOf} was given. */
export function* slotsIn(stretches: readonly Stretch[]): Generator<SlotEpoch> {
  for (const { first, slots, epoch } of stretches) {
    for (let slot = first; slot < first + slots; slot += 1) yield { slot, epoch };
  }
}
