import { quickPace, scenarios, wholePace, type Measurement } from './core-scenarios';
import type { CoreSubject } from './core-subject';
import { CannotDo } from './harness';

/** What the parent asks of this process. */
export interface CoreTask {
  readonly scenario: string;
  readonly step: 'prepare' | 'measure';
  readonly quick: boolean;
}

/** Sent when a subject is loaded, and in answer to each task. */
export type CoreAnswer =
  | { readonly type: 'done'; readonly figure: number }
  | { readonly type: 'cannot' | 'failed'; readonly reason: string };

const measurements = new Map<string, Measurement>();

async function answerTo(subject: CoreSubject, task: CoreTask): Promise<CoreAnswer> {
  try {
    const measurement = measurementOf(subject, task);
    if (task.step === 'measure') return { type: 'done', figure: await measurement.measure() };
    await measurement.prepare();
    return { type: 'done', figure: 0 };
  } catch (error) {
    if (error instanceof CannotDo) return { type: 'cannot', reason: error.message };
    return { type: 'failed', reason: String(error) };
  }
}

function measurementOf(subject: CoreSubject, { scenario, quick }: CoreTask): Measurement {
  let measurement = measurements.get(scenario);
  if (!measurement) {
    measurement = scenarios
      .find(({ name }) => name === scenario)
      ?.begin(subject, quick ? quickPace : wholePace);
    if (!measurement) throw new Error(`there is no scenario ${scenario}`);
    measurements.set(scenario, measurement);
  }
  return measurement;
}

/** Measures `subject`, alone in this process, until the parent goes. */
export function serve(subject: CoreSubject): void {
  // Whoever interrupts from a terminal interrupts this process too; the parent ends it, and says so.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit());
  process.on('message', (task) => {
    void answerTo(subject, task as CoreTask).then((answer) => process.send?.(answer));
  });
  process.send?.({ type: 'done', figure: 0 } satisfies CoreAnswer);
}
