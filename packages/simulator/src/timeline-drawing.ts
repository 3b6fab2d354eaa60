import { markup, type Markup } from './markup';
import type { BandMark, EventMark, MessageMark, OperationMark, Timeline } from './timeline';
import { TimelineScale } from './timeline-scale';

const laneWidth = 120;
const gutterWidth = 14;
const timeWidth = 80;
const headHeight = 40;
const footHeight = 60;
const barWidth = 10;

/** Every so many pixels a time stands at the side. */
const timesApart = 60;

/** What the lanes and marks have in common: where a place and a time are. */
interface Paper {
  readonly scale: TimelineScale;
  /** The middle of the lane of a place. */
  readonly x: (place: string) => number;
  /** Where the bands on links are, side by side. */
  readonly gutter: (index: number) => number;
  readonly width: number;
}

/** Draws `timeline`: a lane for each process, time downwards, messages as arrows. */
export function drawingOf(timeline: Timeline): Markup {
  const paper = paperOf(timeline);
  const { width, scale } = paper;
  const height = scale.bottom + footHeight;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>
${lanes(timeline, paper)}
${times(timeline, paper)}
${timeline.bands.map((band, index) => bandOf(band, index, paper))}
${timeline.messages.map((message) => messageOf(message, paper))}
${timeline.events.map((event) => eventOf(event, paper))}
${timeline.operations.map((operation) => operationOf(operation, timeline.endMs, paper))}
${failureOf(timeline, paper)}
</svg>`;
}

function paperOf(timeline: Timeline): Paper {
  const { places, bands, endMs } = timeline;
  const shown = (mark: { readonly type: string }): boolean => !isQuiet(mark.type);
  const moments = [
    ...timeline.lives.flatMap(({ fromMs, toMs }) => [fromMs, toMs ?? endMs]),
    ...timeline.operations.flatMap(({ fromMs, toMs }) => [fromMs, toMs ?? endMs]),
    ...timeline.messages.filter(shown).flatMap(({ sentMs, arrivedMs }) => [sentMs, arrivedMs ?? 0]),
    ...timeline.bands.flatMap(({ fromMs, toMs }) => [fromMs, toMs]),
    endMs,
  ];
  const left = timeWidth + gutterWidth * bands.filter(({ place }) => place === undefined).length;
  const columns = new Map(places.map((place, index) => [place, left + (index + 0.5) * laneWidth]));
  return {
    scale: new TimelineScale(moments, headHeight + 20),
    x: (place) => columns.get(place) ?? left,
    gutter: (index) => timeWidth + gutterWidth * index,
    width: left + laneWidth * places.length + laneWidth,
  };
}

/** What is hidden at first: it goes on all the time, and says little. */
export function isQuiet(type: string): boolean {
  return type.startsWith('epfd/');
}

function lanes({ places, lives, endMs }: Timeline, { x, scale }: Paper): readonly Markup[] {
  return [
    ...places.map((place) => markup`<text class="place" x="${x(place)}" y="20">${place}</text>`),
    ...lives.map(({ place, name, fromMs, toMs }) => {
      const [from, to] = [scale.of(fromMs), scale.of(toMs ?? endMs)];
      return markup`<line class="life" x1="${x(place)}" x2="${x(place)}" y1="${from}" y2="${to}"><title>${name}</title></line>${
        toMs === undefined
          ? ''
          : markup`<text class="death" x="${x(place)}" y="${to + 5}">✕<title>${name} ends at ${timeText(toMs)}</title></text>`
      }`;
    }),
  ];
}

/** The times at the side, of moments that are drawn far enough apart. */
function times(
  { messages, operations, endMs }: Timeline,
  { scale, width }: Paper,
): readonly Markup[] {
  const moments = [
    ...messages.filter(({ type }) => !isQuiet(type)).map(({ sentMs }) => sentMs),
    ...operations.map(({ fromMs }) => fromMs),
    endMs,
  ].sort((one, other) => one - other);
  const drawn: Markup[] = [];
  let lastY = -Infinity;
  for (const moment of moments) {
    const y = scale.of(moment);
    if (y < lastY + timesApart) continue;
    lastY = y;
    drawn.push(
      markup`<line class="time" x1="${timeWidth}" x2="${width}" y1="${y}" y2="${y}"/><text class="time" x="4" y="${y + 4}">${timeText(moment)}</text>`,
    );
  }
  return drawn;
}

function bandOf(band: BandMark, index: number, { x, gutter, scale }: Paper): Markup {
  const { kind, place, fromMs, toMs, text } = band;
  const [from, to] = [scale.of(fromMs), scale.of(toMs)];
  const height = Math.max(2, to - from);
  const left = place === undefined ? gutter(index) : x(place) - 14;
  const width = place === undefined ? gutterWidth - 3 : 28;
  const label = `${timeText(fromMs)} to ${timeText(toMs)}: ${kind}: ${text}`;
  return markup`<rect class="band ${kind.replaceAll(' ', '-')}" x="${left}" y="${from}" width="${width}" height="${height}"><title>${label}</title></rect>`;
}

function messageOf(message: MessageMark, { x, scale }: Paper): Markup {
  const { from, to, sentMs, arrivedMs, kind, type, text } = message;
  const start = { x: x(from), y: scale.of(sentMs) };
  const target = to === undefined || to === from ? start.x + 30 : x(to);
  const lost = arrivedMs === undefined;
  const end = lost
    ? { x: start.x + (target - start.x) / 2, y: start.y + 12 }
    : { x: target, y: scale.of(arrivedMs) };
  const fate = lost ? 'lost' : kind === 'in order' ? 'arrives' : kind;
  const title = `${timeText(sentMs)}: ${from} to ${to ?? 'nobody'}, ${fate}${lost ? '' : ` at ${timeText(arrivedMs)}`}: ${type} ${text}`;
  const line = markup`<line x1="${start.x}" y1="${start.y}" x2="${end.x}" y2="${end.y}"/>`;
  const cross = lost ? markup`<text x="${end.x}" y="${end.y + 4}">✕</text>` : '';
  return markup`<g class="mark message ${fate}" data-type="${type}">${line}${cross}<title>${title}</title></g>`;
}

function eventOf({ place, atMs, type, text }: EventMark, { x, scale }: Paper): Markup {
  const title = `${timeText(atMs)}: ${text}`;
  return markup`<circle class="mark event" data-type="${`event ${type}`}" cx="${x(place)}" cy="${scale.of(atMs)}" r="2.5"><title>${title}</title></circle>`;
}

function operationOf(operation: OperationMark, endMs: number, { x, scale }: Paper): Markup {
  const { place, fromMs, toMs, text, status } = operation;
  const [from, to] = [scale.of(fromMs), scale.of(toMs ?? endMs)];
  const height = Math.max(4, to - from);
  const left = x(place) - barWidth / 2;
  const until = toMs === undefined ? 'never answered' : `answered at ${timeText(toMs)}`;
  const title = `${timeText(fromMs)}: ${text}, ${until}`;
  return markup`<g class="mark operation ${status ?? 'unknown'}" data-type="operations"><rect x="${left}" y="${from}" width="${barWidth}" height="${height}"/><text x="${left + barWidth + 3}" y="${from + 10}">${text}</text><title>${title}</title></g>`;
}

function failureOf({ failure }: Timeline, { scale, width }: Paper): Markup {
  if (!failure) return markup``;
  const y = scale.of(failure.atMs);
  const [what = ''] = failure.what.split('\n', 1);
  return markup`<g class="failure"><line x1="0" x2="${width}" y1="${y}" y2="${y}"/><text x="4" y="${y + 16}">${timeText(failure.atMs)}: ${failure.kind}: ${what}</text></g>`;
}

function timeText(ms: number): string {
  return `${ms.toFixed(3)} ms`;
}
