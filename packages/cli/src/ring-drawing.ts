import { arcsOf, type View } from '@jbstore/gms/port';

import { percent } from './figures';
import { figuresOf, type RingMember } from './ring-figures';

const size = 640;
const middle = size / 2;
const outside = 295;
const hole = 70;
/** Between two rings. */
const gap = 3;
const legendWidth = 460;
const lineHeight = 24;

/**
 * The ring as a picture in SVG, from slot 0 at the top clockwise. The outermost ring says who owns what, with a
 * mark at each token; inside there is one ring for each copy, with who holds it, the lead first.
 */
export function ringDrawing(view: View): string {
  const height = Math.max(size, (view.members.length + 2) * lineHeight);
  const width = size + legendWidth;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="14">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...ownersOf(view),
    ...copiesOf(view),
    ...legendOf(view),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

/** A part of one of the rings; ring 0 is the outermost. */
interface Part {
  readonly ring: number;
  readonly slot: number;
  readonly slots: number;
  readonly member: number;
  /** Shown when the mouse is over it. */
  readonly title: string;
}

function ownersOf(view: View): string[] {
  return arcsOf(view.tokens, view.slotCount).flatMap(({ token: { slot, member }, slots }) => {
    const angle = angleOf(view, slot);
    const mark = `M${pointAt(outside + 2, angle)}L${pointAt(outside + 14, angle)}`;
    const title = `node ${member} owns ${slots} slots from ${slot} on`;
    return [
      partOf(view, { ring: 0, slot, slots, member, title }),
      `<path d="${mark}" stroke="${colourOf(member)}" stroke-width="4"/>`,
    ];
  });
}

function copiesOf(view: View): string[] {
  let slot = 0;
  return view.runs.flatMap(({ slots, group, lead, epoch }) => {
    const first = slot;
    slot += slots;
    const title = `slots ${first} to ${slot - 1}, epoch ${epoch}: held by ${group.join(' ')}, led by ${lead}`;
    const leadFirst = [lead, ...group.filter((member) => member !== lead)];
    return leadFirst.map((member, place) =>
      partOf(view, { ring: place + 1, slot: first, slots, member, title }),
    );
  });
}

function partOf(view: View, { ring, slot, slots, member, title }: Part): string {
  const thickness = (outside - hole) / (view.replication + 1);
  const outer = outside - ring * thickness;
  const inner = outer - thickness + gap;
  const from = angleOf(view, slot);
  // A path cannot go all the way around to where it began.
  const to = angleOf(view, slot + Math.min(slots, view.slotCount - 0.01));
  const large = to - from > Math.PI ? 1 : 0;
  const path = [
    `M${pointAt(outer, from)}A${outer} ${outer} 0 ${large} 1 ${pointAt(outer, to)}`,
    `L${pointAt(inner, to)}A${inner} ${inner} 0 ${large} 0 ${pointAt(inner, from)}Z`,
  ].join('');
  const fill = colourOf(member);
  return `<path d="${path}" fill="${fill}" stroke="#fff"><title>${title}</title></path>`;
}

function legendOf(view: View): string[] {
  const { members, misplaced } = figuresOf(view);
  const x = size + 20;
  const lines = members.map((member, place) => {
    const y = (place + 2) * lineHeight;
    const swatch = `<rect x="${x}" y="${y - 13}" width="16" height="16" fill="${colourOf(member.index)}"/>`;
    return `${swatch}<text x="${x + 26}" y="${y}">${escaped(lineOf(view, member))}</text>`;
  });
  const title = `${view.clusterId}, view ${view.number}: ${view.slotCount} slots, ${misplaced} still to be moved`;
  return [`<text x="${x}" y="${lineHeight}">${escaped(title)}</text>`, ...lines];
}

function lineOf(view: View, { index, place, state, ...member }: RingMember): string {
  const [owns, leads, holds] = [member.owns, member.leads, member.holds].map((slots) =>
    percent(slots, view.slotCount),
  );
  const name = state === 'active' ? place : `${place} (${state})`;
  return `${index}  ${name}  owns ${owns}, leads ${leads}, holds ${holds}`;
}

function angleOf(view: View, slot: number): number {
  return (2 * Math.PI * slot) / view.slotCount;
}

function pointAt(radius: number, angle: number): string {
  const x = middle + radius * Math.sin(angle);
  const y = middle - radius * Math.cos(angle);
  return `${x.toFixed(2)} ${y.toFixed(2)}`;
}

/** By the golden angle, so that neighbours differ however many there are. */
function colourOf(member: number): string {
  return `hsl(${Math.round((member * 137.5) % 360)} 60% 55%)`;
}

/** `text` as it stands in a picture; characters that XML does not know become visible ones. */
function escaped(text: string): string {
  return text
    .replace(/[^\x20-\ud7ff\ue000-\ufffd]/g, '\ufffd')
    .replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
