import { z } from 'zod';

import { ViewFields, mostMembers } from './view-fields';

/** What members tell of themselves on their heartbeats. */
export const newsTopic = 'gms';

export const News = z.object({
  /** Of the newest view that is installed; 0 before the first. */
  epoch: z.int().nonnegative(),
  /** Whom the teller suspects, by their indices in that view. */
  suspected: z.array(z.int().positive()).max(mostMembers),
  /** What began the era of that view, and those before it. */
  forces: ViewFields.shape.forces,
});
export type News = z.infer<typeof News>;

export function bytesOfNews(news: News): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(news));
}

/** Undefined if it is none. */
export function newsOf(bytes: Uint8Array): News | undefined {
  try {
    return News.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return undefined;
  }
}
