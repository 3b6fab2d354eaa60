import type { Action, Direction, MessageRates, Plan } from './plan';

/** The nodes have found one another by then. */
const bootMs = 1_000;

/** Plans that are simpler than `plan` in what is not a list of actions, the simplest first. */
export function simplerPlans(plan: Plan): readonly Plan[] {
  return [
    ...withoutRates(plan),
    ...withEvenLatency(plan),
    ...inPlainOrder(plan),
    ...sooner(plan),
    ...healed(plan),
  ];
}

const chances = ['loss', 'duplication', 'reordering', 'replay'] as const;

function withoutRates(plan: Plan): readonly Plan[] {
  const set = chances.filter((chance) => plan.rates[chance] > 0);
  const without = (some: readonly (keyof MessageRates)[]): Plan => {
    const zeros = Object.fromEntries(some.map((chance) => [chance, 0]));
    return { ...plan, rates: { ...plan.rates, ...zeros } };
  };
  if (set.length === 0) return [];
  return [without(set), ...(set.length === 1 ? [] : set.map((chance) => without([chance])))];
}

/** Every message takes as long as the others. */
function withEvenLatency(plan: Plan): readonly Plan[] {
  const { leastMs, mostMs, stragglers } = plan.latency;
  if (leastMs === mostMs && stragglers === 0) return [];
  const even = (ms: number): Plan => {
    const latency = { leastMs: ms, mostMs: ms, stragglers: 0, stragglerMs: 0 };
    return { ...plan, latency };
  };
  return [even(1), even(mostMs)];
}

function inPlainOrder(plan: Plan): readonly Plan[] {
  const { order } = plan;
  if (order.kind === 'priorities' && order.changes.length === 0) return [];
  return [{ ...plan, order: { kind: 'priorities', changes: [] } }];
}

/** The same, but it begins as soon as the nodes have found one another. */
function sooner(plan: Plan): readonly Plan[] {
  const { actions, healAtMs, deadlineMs } = plan;
  const byMs = Math.floor(Math.min(...actions.map(({ atMs }) => atMs)) - bootMs);
  if (actions.length === 0 || byMs <= 0) return [];
  return [
    {
      ...plan,
      actions: actions.map((action) => ({ ...action, atMs: action.atMs - byMs })),
      healAtMs: Math.max(0, healAtMs - byMs),
      deadlineMs: deadlineMs - byMs,
    },
  ];
}

/** Healed from the beginning, or at least as soon as nothing more happens by plan. */
function healed(plan: Plan): readonly Plan[] {
  const lastMs = Math.max(0, ...plan.actions.map(endOf));
  return [0, lastMs]
    .filter((healAtMs) => healAtMs < plan.healAtMs)
    .map((healAtMs) => ({ ...plan, healAtMs }));
}

function endOf(action: Action): number {
  if (action.kind === 'operation') return 0;
  return action.atMs + ('lastsMs' in action ? action.lastsMs : 0);
}

/** `plan`, in which the action of this index lies on `directions` alone. */
export function withDirections(plan: Plan, index: number, directions: readonly Direction[]): Plan {
  const actions = plan.actions.map((action, other) =>
    other === index && 'directions' in action ? { ...action, directions } : action,
  );
  return { ...plan, actions };
}
