import { z } from 'zod';

import { MalformedPlanError } from './errors';
import type { Plan } from './plan';

const Chance = z.number().min(0).max(1);
const Ms = z.number().min(0).max(1e9);
const Count = z.int().min(0).max(1e9);
const Place = z.string().regex(/^[ncxyo](0|[1-9][0-9]{0,2})$/, 'a place is n0, c1 or x2, say');
const Directions = z.array(z.tuple([Place, Place]));

const at = { atMs: Ms };
const during = { atMs: Ms, lastsMs: Ms };

const Action = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('operation'),
    ...at,
    client: Place,
    operation: z.enum([
      'put',
      'get',
      'delete',
      'increment',
      'set if absent',
      'set if value',
      'set if version',
    ]),
    key: z.string().min(1).max(1_024),
    value: z.string().max(1_024).exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('crash'),
    ...at,
    place: Place,
    afterEvents: Count,
    restartMs: Ms.nullable(),
    identity: z.enum(['new', 'same']),
  }),
  z.strictObject({ kind: z.literal('pause'), ...during, place: Place }),
  z.strictObject({ kind: z.literal('slowness'), ...during, place: Place, eventMs: Ms }),
  z.strictObject({
    kind: z.literal('clock'),
    ...during,
    place: Place,
    aheadMs: Ms,
    rate: z.number().positive().max(1_000),
  }),
  z.strictObject({
    kind: z.literal('cut'),
    ...during,
    shape: z.enum(['split', 'isolation', 'one-way', 'partial', 'ring']),
    directions: Directions,
    messages: z.enum(['lost', 'kept']),
  }),
  z.strictObject({ kind: z.literal('clog'), ...during, directions: Directions }),
  z.strictObject({
    kind: z.literal('slow link'),
    ...during,
    directions: Directions,
    extraMs: Ms,
  }),
  z.strictObject({ kind: z.literal('wrong suspicion'), ...during, directions: Directions }),
  z.strictObject({ kind: z.literal('stranger'), ...during, place: Place }),
  z.strictObject({ kind: z.literal('newcomer'), ...during, place: Place }),
  z.strictObject({ kind: z.literal('join'), ...at, place: Place }),
  z.strictObject({ kind: z.literal('leave'), ...at, place: Place }),
  z.strictObject({ kind: z.literal('replace'), ...at, place: Place, by: Place }),
  z.strictObject({ kind: z.literal('refresh'), ...at, slots: z.array(Count).max(65_536) }),
  z.strictObject({
    kind: z.literal('force'),
    ...at,
    lost: z.array(Place),
    beginEmpty: z.boolean(),
  }),
]);

const PlanFile = z.strictObject({
  scenario: z.string(),
  seed: z.string().regex(/^[0-9]{1,15}$/, 'a seed is a whole number, as text'),
  plan: z.strictObject({
    order: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('random') }),
      z.strictObject({ kind: z.literal('priorities'), changes: z.array(Count) }),
    ]),
    latency: z.strictObject({ leastMs: Ms, mostMs: Ms, stragglers: Chance, stragglerMs: Ms }),
    rates: z.strictObject({
      loss: Chance,
      noticedMs: Ms,
      duplication: Chance,
      reordering: Chance,
      reorderingMs: Ms,
      replay: Chance,
      replayMs: Ms,
    }),
    settings: z.strictObject({
      heartbeatDelayMs: Ms,
      heartbeatIncreaseMs: Ms,
      attemptMs: Ms,
      timeoutMs: Ms,
      tickMs: Ms,
    }),
    actions: z.array(Action),
    healAtMs: Ms,
    deadlineMs: Ms,
  }),
});

/** A plan with all that is needed to run it. */
export interface PlanFile {
  readonly scenario: string;
  readonly seed: string;
  readonly plan: Plan;
}

/** The text of a file that {@link parsePlanFile} reads. */
export function planFileOf({ scenario, seed, plan }: PlanFile): string {
  return `${JSON.stringify({ scenario, seed, plan }, undefined, 2)}\n`;
}

/**
 * The plan that `text` holds.
 * @param source - where it is from, for people
 * @throws {@link MalformedPlanError}
 */
export function parsePlanFile(text: string, source: string): PlanFile {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new MalformedPlanError(source, `it is no JSON (${String(error)})`);
  }
  const { success, data, error } = PlanFile.safeParse(content);
  if (success) return data;
  const [issue] = error.issues;
  const path = issue && issue.path.length > 0 ? `${issue.path.map(String).join('.')}: ` : '';
  throw new MalformedPlanError(source, `${path}${issue?.message ?? 'it is malformed'}`);
}
