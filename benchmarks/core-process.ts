import { quickPace, scenarios, wholePace, type Measurement } from './core-scenarios';
import type { CoreSubject } from './core-subject';
import { serveTasks } from './worker-process';

/** What the parent asks of this process. */
export interface CoreTask {
  readonly scenario: string;
  readonly step: 'prepare' | 'measure';
  readonly quick: boolean;
}

const measurements = new Map<string, Measurement>();

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
  serveTasks(() => async (task) => {
    const { step } = task as CoreTask;
    const measurement = measurementOf(subject, task as CoreTask);
    if (step === 'measure') return measurement.measure();
    await measurement.prepare();
    return 0;
  });
}
