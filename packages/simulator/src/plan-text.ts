import type { Action, CrashAction, Direction, Latency, MessageRates, Order, Plan } from './plan';

/** Of the directions of a cut, so many are named. */
const namedDirections = 6;

/** What happens by `plan`, for people: a line for each action, and before them what holds all along. */
export function planText(plan: Plan): readonly string[] {
  const { order, latency, rates, healAtMs, deadlineMs, actions } = plan;
  const healing = Number.isFinite(healAtMs) ? `healed at ${ms(healAtMs)}, ` : '';
  return [
    `messages: ${latencyText(latency)}; ${ratesText(rates)}`,
    `order: ${orderText(order)}`,
    `time: ${healing}over at ${ms(deadlineMs)} at the latest`,
    ...actions.map((action) => `${ms(action.atMs).padStart(13)}  ${actionText(action)}`),
  ];
}

/** What is done, without its time. */
export function actionText(action: Action): string {
  switch (action.kind) {
    case 'operation': {
      const { client, operation, key, value } = action;
      const [verb = '', ...condition] = operation.split(' ');
      const asked = [client, `${verb}s`, key, ...condition].join(' ');
      return value === undefined ? asked : `${asked} = ${value}`;
    }
    case 'crash':
      return crashText(action);
    case 'pause':
      return `${action.place} stands still for ${ms(action.lastsMs)}`;
    case 'slowness':
      return `every event takes ${action.place} ${ms(action.eventMs)}, for ${ms(action.lastsMs)}`;
    case 'clock':
      return `the clock of ${action.place} jumps ${ms(action.aheadMs)} ahead, and runs at ${String(action.rate)} times its rate for ${ms(action.lastsMs)}`;
    case 'stranger':
      return `a node of another cluster is at ${action.place} for ${ms(action.lastsMs)}`;
    case 'newcomer':
      return `a further node is at ${action.place} for ${ms(action.lastsMs)}`;
    case 'join':
      return `a further node begins at ${action.place}, for good`;
    case 'leave':
      return `an operator asks ${action.place} to leave`;
    case 'replace':
      return `an operator has ${action.by} replace ${action.place}`;
    case 'refresh':
      return `an operator refreshes the slots ${action.slots.join(', ')}`;
    case 'force':
      return `an operator gives up ${action.lost.join(', ') || 'whoever is dead'}`;
    default:
      return `${onLinks(action)} for ${ms(action.lastsMs)}: ${directionsText(action.directions)}`;
  }
}

function crashText({ place, afterEvents, restartMs, identity }: CrashAction): string {
  const when = afterEvents === 0 ? '' : ` ${String(afterEvents)} events later`;
  if (restartMs === null) return `${place} dies${when}`;
  const again = identity === 'new' ? 'another process begins there' : 'it begins again as the same';
  return `${place} dies${when}, and ${ms(restartMs)} after that ${again}`;
}

function onLinks(action: Extract<Action, { directions: unknown }>): string {
  switch (action.kind) {
    case 'cut':
      return `cut (${action.shape}), and what is sent is ${action.messages},`;
    case 'clog':
      return 'held up';
    case 'slow link':
      return `slower by ${ms(action.extraMs)}`;
    case 'wrong suspicion':
      return 'no heartbeats';
  }
}

function directionsText(directions: readonly Direction[]): string {
  const named = directions.slice(0, namedDirections).map(([from, to]) => `${from} to ${to}`);
  const more = directions.length - named.length;
  return [...named, ...(more > 0 ? [`${String(more)} more directions`] : [])].join(', ');
}

function latencyText({ leastMs, mostMs, stragglers, stragglerMs }: Latency): string {
  const usual = leastMs === mostMs ? ms(mostMs) : `${ms(leastMs)} to ${ms(mostMs)}`;
  if (stragglers === 0) return `each takes ${usual}`;
  return `each takes ${usual}, and ${percent(stragglers)} up to ${ms(stragglerMs)} more`;
}

function ratesText({ loss, duplication, reordering, replay }: MessageRates): string {
  const rates = Object.entries({
    lost: loss,
    doubled: duplication,
    overtaken: reordering,
    replayed: replay,
  })
    .filter(([, rate]) => rate > 0)
    .map(([what, rate]) => `${percent(rate)} ${what}`);
  return rates.length === 0 ? 'none is lost or repeated by chance' : rates.join(', ');
}

function orderText(order: Order): string {
  if (order.kind === 'random') return 'whoever is due, by chance';
  const changes = order.changes.length;
  const changing = changes === 0 ? '' : `, which change ${String(changes)} times`;
  return `whoever is due, by priorities${changing}`;
}

function ms(time: number): string {
  return `${String(Math.round(time * 1_000) / 1_000)} ms`;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(2)} %`;
}
