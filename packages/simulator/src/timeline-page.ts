import { Markup, markup } from './markup';
import type { Timeline } from './timeline';
import { drawingOf, isQuiet } from './timeline-drawing';

/** What a page says above the picture: a name and what there is under it. */
export type Fact = readonly [name: string, text: string];

export interface PageContent {
  readonly title: string;
  readonly facts: readonly Fact[];
  /** Lines that stand as they are: the schedule of a run. */
  readonly schedule: readonly string[];
  readonly timeline: Timeline | undefined;
}

/** One file of HTML that needs no other: what there is to say of a run, and the picture of it. */
export function pageOf({ title, facts, schedule, timeline }: PageContent): string {
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<h1>${title}</h1>
<table>
${facts.map(([name, text]) => markup`<tr><th>${name}</th><td>${text}</td></tr>`)}
</table>
${schedule.length === 0 ? '' : markup`<h2>Schedule</h2>\n<pre>${schedule.join('\n')}</pre>`}
${timeline ? pictureOf(timeline) : ''}
</body>
</html>
`;
  return page.html;
}

function pictureOf(timeline: Timeline): Markup {
  const types = new Set([
    'operations',
    ...timeline.messages.map(({ type }) => type),
    ...timeline.events.map(({ type }) => `event ${type}`),
  ]);
  const choices = [...types].sort().map((type) => {
    const checked = isQuiet(type) || type.startsWith('event ') ? '' : new Markup(' checked');
    return markup`<label><input type="checkbox" value="${type}"${checked}> ${type}</label>`;
  });
  const { leftOut } = timeline;
  return markup`<h2>Timeline</h2>
<p>Time goes down, and long silences are short. Point at anything to read it.${
    leftOut === 0
      ? ''
      : ` ${String(leftOut)} events and messages are left out: heartbeats, and the oldest.`
  }</p>
<form id="filter"><label>only what holds <input type="search" id="words" placeholder="a key, a value, a process"></label>
<fieldset>${choices}</fieldset></form>
${drawingOf(timeline)}
<script>${script}</script>`;
}

const style = new Markup(`
body { font: 14px/1.4 system-ui, sans-serif; margin: 1.5em; color: #222; background: #fff; }
h1 { font-size: 1.3em; } h2 { font-size: 1.1em; }
th { text-align: left; vertical-align: top; padding-right: 1.5em; font-weight: 600; }
td { white-space: pre-wrap; } pre { background: #f5f5f5; padding: 0.8em; overflow-x: auto; }
fieldset { border: 1px solid #ccc; margin: 0.5em 0; columns: 16em; } fieldset label { display: block; }
svg text { font: 11px system-ui, sans-serif; } svg .place { font-weight: 600; text-anchor: middle; }
.life { stroke: #999; stroke-width: 2; } .death { fill: #b00020; text-anchor: middle; }
line.time { stroke: #eee; } text.time { fill: #777; }
.band { opacity: 0.45; fill: #f0c040; } .cut { fill: #d04040; } .clog { fill: #b070d0; }
.slow-link { fill: #70a0d0; } .wrong-suspicion { fill: #e08030; } .pause { fill: #606060; }
.message line { stroke: #3b6fb5; marker-end: url(#head); } .message text { fill: #b00020; text-anchor: middle; }
.message.lost line { stroke: #b00020; stroke-dasharray: 3 3; marker-end: none; }
.message.doubled line, .message.replayed line, .message.overtaken line { stroke: #d07000; }
.event { fill: #555; } .operation rect { fill: #2e8b57; } .operation.unknown rect { fill: #c08000; }
.operation.unavailable rect { fill: #999; }
.failure line { stroke: #d00000; stroke-width: 2; } .failure text { fill: #d00000; font-weight: 600; }
.hidden { display: none; }
`);

const script = new Markup(`
'use strict';
const filter = document.getElementById('filter');
const marks = [...document.querySelectorAll('.mark')];
const texts = new Map();
function textOf(mark) {
  const text = texts.get(mark) ?? mark.querySelector('title').textContent.toLowerCase();
  texts.set(mark, text);
  return text;
}
function show() {
  const words = document.getElementById('words').value.toLowerCase();
  const types = new Set([...filter.querySelectorAll('input:checked')].map((input) => input.value));
  for (const mark of marks) {
    const shown = types.has(mark.dataset.type) && textOf(mark).includes(words);
    mark.classList.toggle('hidden', !shown);
  }
}
filter.addEventListener('input', show);
filter.addEventListener('submit', (event) => event.preventDefault());
show();
`);
