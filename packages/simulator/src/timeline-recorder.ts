import { eventText } from './event-text';
import type { Step, World } from './invariant';
import type { Copy } from './link';
import type { Answered, Observer, Sending } from './observer';
import type { Outcome } from './outcome';
import type { OperationAction } from './plan';
import { actionText } from './plan-text';
import type { Scenario } from './scenario';
import type { SimulatedProcess } from './simulated-process';
import { Simulation, type SimulationOptions } from './simulation';
import type {
  BandMark,
  EventMark,
  LifeMark,
  MessageMark,
  OperationMark,
  Timeline,
} from './timeline';

/** More marks than these make no picture. */
const mostMarks = 10_000;

/** What is left out first: heartbeats. */
const heartbeats = 'epfd/';

type Open<Mark> = { -readonly [Field in keyof Mark]: Mark[Field] };

/** Notes what happens in a run, for a {@link Timeline} of it. */
class TimelineRecorder implements Observer {
  #world: Pick<World, 'nowMs'> = { nowMs: 0 };
  readonly #lives: Open<LifeMark>[] = [];
  readonly #operations: Open<OperationMark>[] = [];
  readonly #asked = new Map<string, Open<OperationMark>>();
  readonly #events: EventMark[] = [];
  readonly #messages: Open<MessageMark>[] = [];
  readonly #sent = new Map<Sending, Open<MessageMark>>();

  watch(world: World): void {
    this.#world = world;
  }

  begins({ place, id }: SimulatedProcess): void {
    this.#lives.push({ place, name: id, fromMs: this.#world.nowMs, toMs: undefined });
  }

  ends({ id }: SimulatedProcess): void {
    const life = this.#lives.findLast(({ name }) => name === id);
    if (life) life.toMs = this.#world.nowMs;
  }

  handled({ process, event, port, atMs }: Step): void {
    const text = `${port}: ${eventText(event)}`;
    this.#events.push({ place: process.place, atMs, type: event.constructor.name, text });
  }

  sent(sending: Sending): void {
    const { from, to, message } = sending;
    const mark: Open<MessageMark> = {
      from: from.place,
      to: to?.place,
      sentMs: this.#world.nowMs,
      arrivedMs: undefined,
      kind: 'in order',
      type: message.declaration.type,
      text: eventText(message),
    };
    this.#sent.set(sending, mark);
    this.#messages.push(mark);
  }

  arrived(sending: Sending, kind: Copy['kind']): void {
    const mark = this.#sent.get(sending);
    if (!mark) return;
    const arrivedMs = this.#world.nowMs;
    if (mark.arrivedMs === undefined) Object.assign(mark, { arrivedMs, kind });
    else this.#messages.push({ ...mark, arrivedMs, kind });
  }

  asked(action: OperationAction): void {
    const { client: place } = action;
    const operation: Open<OperationMark> = {
      place,
      text: actionText(action),
      fromMs: this.#world.nowMs,
      toMs: undefined,
      status: undefined,
    };
    this.#operations.push(operation);
    this.#asked.set(place, operation);
  }

  answered(place: string, { status, found }: Answered): void {
    const operation = this.#asked.get(place);
    if (!operation) return;
    this.#asked.delete(place);
    operation.toMs = this.#world.nowMs;
    operation.status = status;
    if (status !== 'ok') operation.text += `: ${status}`;
    else if (found !== undefined) operation.text += ` = ${found ?? 'nothing'}`;
  }

  /** All of it, once the run is over. */
  timeline({ plan, failure, virtualMs: endMs }: Outcome): Timeline {
    const drawn = <Mark extends EventMark | MessageMark>(
      marks: readonly Mark[],
    ): readonly Mark[] => {
      if (marks.length <= mostMarks) return marks;
      return marks.filter(({ type }) => !type.startsWith(heartbeats)).slice(-mostMarks);
    };
    const [events, messages] = [drawn(this.#events), drawn(this.#messages)];
    const marks = this.#events.length + this.#messages.length;
    return {
      places: [...new Set(this.#lives.map(({ place }) => place))].sort(byPlace),
      lives: this.#lives,
      operations: this.#operations,
      events,
      messages,
      bands: bandsOf(plan.actions, plan.healAtMs, endMs),
      failure,
      endMs,
      leftOut: marks - events.length - messages.length,
    };
  }
}

/** Runs `outcome` once more, and draws it. */
export function timelineOf(
  scenario: Scenario,
  { seed, plan }: Outcome,
  options: Pick<SimulationOptions, 'invariants'> = {},
): Timeline {
  const observer = new TimelineRecorder();
  const again = new Simulation(scenario, seed, { ...options, plan, observer }).run();
  return observer.timeline(again);
}

/** Who asks stands on the left; nodes on their right. */
function byPlace(one: string, other: string): number {
  const rank = (place: string): number =>
    'conyx'.indexOf(place.charAt(0)) * 1_000 + Number(place.slice(1));
  return rank(one) - rank(other);
}

function bandsOf(
  actions: Outcome['plan']['actions'],
  healAtMs: number,
  endMs: number,
): readonly BandMark[] {
  return actions.flatMap((action): readonly BandMark[] => {
    if (!('lastsMs' in action) || action.atMs > Math.min(endMs, healAtMs)) return [];
    const { kind, atMs, lastsMs } = action;
    const place = 'place' in action ? action.place : undefined;
    const toMs = Math.min(atMs + lastsMs, healAtMs, endMs);
    return [{ kind, place, fromMs: atMs, toMs, text: actionText(action) }];
  });
}
