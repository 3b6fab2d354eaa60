import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { emitter } from './core-emitter';
import { jbstore } from './core-jbstore';
import { nact } from './core-nact';
import { rxjs } from './core-rxjs';
import type { CoreSubject } from './core-subject';
import { xstate } from './core-xstate';
import { interleave, verify, type Effort, type Report, type Suite, type Trial } from './harness';

export const coreSubjects: readonly CoreSubject[] = [jbstore, rxjs, emitter, xstate, nact];

/** The component runtime against its peers. */
export const core: Suite = {
  name: 'core',
  about: 'the component runtime: events a second, components made a second, bytes per component',
  run: (effort, progress): Promise<Report> =>
    interleave(
      coreSubjects.flatMap((subject) => trialsOf(subject, effort)),
      effort.runs,
      progress,
    ),
};

const unit = 'million events/s';

function trialsOf(subject: CoreSubject, { quick }: Effort): Trial[] {
  const events = Math.round(subject.eventsPerRun / (quick ? 20 : 1));
  const components = quick ? 5_000 : 100_000;
  const exchange = (scenario: string, inFlight: number): Trial => ({
    ...{ scenario, subject: subject.name, unit, parameters: { events, inFlight } },
    measure: () =>
      rateOf(scenario, events, () => subject.exchange(Math.round(events / 2), inFlight)),
  });
  const fanOut = (width: number): Trial => ({
    ...{ scenario: `fan-out 1 to ${String(width)}`, subject: subject.name, unit },
    parameters: { events, width },
    measure: () =>
      rateOf('fan-out', Math.round(events / width) * width, () =>
        subject.fanOut(width, Math.round(events / width)),
      ),
  });
  const ring = (size: number): Trial => ({
    ...{ scenario: `ring of ${String(size)}`, subject: subject.name, unit },
    parameters: { events, size },
    measure: () => rateOf('ring', events, () => subject.ring(size, events)),
  });
  return [
    exchange('ping-pong', 1),
    exchange('10 in flight', 10),
    exchange('500 in flight', 500),
    fanOut(10),
    fanOut(100),
    ring(100),
    ring(1_000),
    {
      ...{ scenario: 'creation', subject: subject.name, unit: 'thousand components/s' },
      parameters: { components },
      measure: () => creationRate(subject, components),
    },
    {
      ...{ scenario: 'idle component', subject: subject.name, unit: 'bytes' },
      parameters: { components },
      measure: () => idleBytes(subject, components),
    },
  ];
}

async function rateOf(what: string, events: number, work: () => Promise<number>): Promise<number> {
  const beganMs = performance.now();
  const done = await work();
  const tookMs = performance.now() - beganMs;
  verify(what, done, events);
  return events / tookMs / 1_000;
}

async function creationRate(subject: CoreSubject, components: number): Promise<number> {
  const beganMs = performance.now();
  const idle = subject.createIdle(components);
  const tookMs = performance.now() - beganMs;
  verify('creation', idle.made, components);
  await idle.end();
  return components / tookMs;
}

/** In a process of its own, where nothing else moves the heap. */
async function idleBytes(subject: CoreSubject, components: number): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['--expose-gc', '--conditions=source', '--require', 'ts-node/register'],
    ...[join(__dirname, 'core-idle.ts'), subject.name, String(components)],
  ]);
  return Number(stdout);
}
