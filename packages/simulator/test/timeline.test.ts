import {
  Simulation,
  pageOf,
  standard,
  timelineOf,
  type Outcome,
  type Plan,
  type Timeline,
} from '../src';

/** Some actions of every kind, in a run that ends soon. */
function eventful(): Outcome {
  const drawn = new Simulation(standard, '1').run().plan;
  const directions = [['n0', 'n1']] as const;
  const plan: Plan = {
    ...drawn,
    latency: { leastMs: 1, mostMs: 5, stragglers: 0, stragglerMs: 0 },
    rates: { ...drawn.rates, loss: 0, duplication: 0, reordering: 0, replay: 0 },
    settings: { ...drawn.settings, heartbeatDelayMs: 100, attemptMs: 500, timeoutMs: 3_000 },
    actions: [
      { kind: 'operation', atMs: 1_000, client: 'c0', operation: 'put', key: 'a', value: '<i>&"' },
      { kind: 'cut', atMs: 1_010, lastsMs: 300, shape: 'one-way', directions, messages: 'lost' },
      { kind: 'pause', atMs: 1_020, lastsMs: 50, place: 'n2' },
      {
        ...{ kind: 'crash', atMs: 1_050, place: 'n3', afterEvents: 0 },
        ...{ restartMs: 10, identity: 'new' },
      },
      { kind: 'operation', atMs: 1_500, client: 'c0', operation: 'get', key: 'a' },
    ],
    healAtMs: 1_600,
    deadlineMs: 121_600,
  };
  return new Simulation(standard, '1', { plan }).run();
}

const outcome = eventful();
const timeline = timelineOf(standard, outcome);

function pageWith(changes: Partial<Timeline> = {}): string {
  return pageOf({
    title: 'Seed 1',
    facts: [['seed', '1']],
    schedule: ['a line'],
    timeline: { ...timeline, ...changes },
  });
}

/** What is wrong with how the elements of `page` are nested. */
function flawIn(page: string): string | undefined {
  const empty = new Set(['meta', 'input', 'br']);
  const open: string[] = [];
  const text = page
    .replace('<!doctype html>', '')
    .replace(/<(script|style)>[^]*?<\/\1>/g, '')
    .replace(
      /<(\/?)([a-z0-9]+)((?: [a-zA-Z0-9:-]+(?:="[^"<]*")?)*)(\/?)>/g,
      (tag, closing: string, name: string, _attributes, closed: string) => {
        if (closing !== '') {
          const last = open.pop();
          if (last !== name) open.push(`${tag} after ${String(last)}`, 'stop');
        } else if (closed === '' && !empty.has(name)) open.push(name);
        return '';
      },
    );
  if (open.length > 0) return open.join(' ');
  return /[<>]/.exec(text)?.[0];
}

test('a timeline changes nothing in the run that it shows', () => {
  expect(timelineOf(standard, outcome)).toEqual(timeline);
  expect(new Simulation(standard, '1', { plan: outcome.plan }).run()).toEqual(outcome);
  expect(timeline.endMs).toBe(outcome.virtualMs);
});

test('a timeline holds processes, operations with their values, and what was done to whom', () => {
  expect(timeline.places).toEqual([
    ...['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'n0', 'n1', 'n2', 'n3', 'n4'],
  ]);
  expect(timeline.lives.filter(({ place }) => place === 'n3')).toMatchObject([
    { name: 'n3', fromMs: 0, toMs: 1_050 },
    { name: 'n3.2', fromMs: 1_060 },
  ]);
  expect(timeline.operations).toMatchObject([
    { place: 'c0', text: 'c0 puts a = <i>&"', status: 'ok' },
    { place: 'c0', text: 'c0 gets a = <i>&"', status: 'ok' },
  ]);
  expect(timeline.bands).toMatchObject([
    { kind: 'cut', place: undefined, fromMs: 1_010, toMs: 1_310 },
    { kind: 'pause', place: 'n2', fromMs: 1_020, toMs: 1_070 },
  ]);
});

test('a message goes from one lane to another, and what the cut takes is lost', () => {
  const during = timeline.messages.filter(
    ({ sentMs, type }) => sentMs > 1_010 && sentMs < 1_310 && type.startsWith('epfd/'),
  );
  const lost = during.filter(({ arrivedMs }) => arrivedMs === undefined);

  expect(lost.filter(({ from, to }) => from === 'n0' && to === 'n1')).not.toEqual([]);
  expect(during.filter(({ from, to }) => from === 'n0' && to === 'n2')).not.toEqual([]);
  for (const { sentMs, arrivedMs } of timeline.messages) {
    if (arrivedMs !== undefined) expect(arrivedMs).toBeGreaterThanOrEqual(sentMs);
  }
  expect(timeline.messages).toContainEqual(
    expect.objectContaining({
      type: 'store/Mutate',
      from: 'c0',
      text: expect.stringContaining("'a'") as string,
    }),
  );
});

test('a page is well-formed, needs no other file, and escapes whatever it shows', () => {
  const failure = {
    kind: 'invariant',
    what: '</script><script>alert(1)</script>\u0000 "&',
    atMs: 1_200,
  } as const;

  const page = pageWith({ failure });

  expect(flawIn(page)).toBeUndefined();
  expect(page).not.toContain('alert(1)</script>');
  expect(page).toContain('&lt;/script&gt;&lt;script&gt;alert(1)');
  expect(page).not.toContain('\u0000');
  expect(page).toContain('c0 puts a = &lt;i&gt;&amp;&quot;');
  expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/(?:src|href)=|https?:/);
});

test('a page has lanes, arrows, crosses for the lost, bands, and a line where it failed', () => {
  const failure = { kind: 'invariant', what: 'I0: broken', atMs: 1_200 } as const;

  const page = pageWith({ failure });

  expect(page.match(/<text class="place"/g)).toHaveLength(timeline.places.length);
  expect(page.match(/<g class="mark message /g)).toHaveLength(timeline.messages.length);
  expect(page.match(/<g class="mark message lost"/g)).toHaveLength(
    timeline.messages.filter(({ arrivedMs }) => arrivedMs === undefined).length,
  );
  expect(page).toContain('<rect class="band cut"');
  expect(page).toContain('<text class="death"');
  expect(page).toContain('1200.000 ms: invariant: I0: broken');
  expect(pageWith()).not.toContain('<g class="failure">');
});

test('what is later is drawn lower', () => {
  const heights = [...pageWith().matchAll(/class="time" x="4" y="([0-9.]+)">([0-9.]+) ms/g)].map(
    ([, y, atMs]) => ({ y: Number(y), atMs: Number(atMs) }),
  );

  expect(heights.length).toBeGreaterThan(3);
  for (const [index, { y, atMs }] of heights.entries()) {
    const before = heights[index - 1];
    if (before) {
      expect({ lower: y > before.y, later: atMs >= before.atMs }).toEqual({
        lower: true,
        later: true,
      });
    }
  }
});
