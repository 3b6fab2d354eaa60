import type { Address } from '@jbstore/network/port';
import type { z } from 'zod';

import { ViewFields } from './view-fields';
import { flawOfView } from './view-flaws';

/**
 * Who belongs to the group, and who holds what: the same at every member. Nobody works
 * out the groups again who receives it, so two versions of the software cannot disagree about them.
 */
export const View = ViewFields.superRefine((view, context) => {
  const message = flawOfView(view);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});
export type View = z.infer<typeof View>;

/** `<host>:<port>` of an address: what a process and its later lives have in common. */
export function endpointOf(address: Address): string {
  return address.slice(address.indexOf('@') + 1);
}
