import { Schedule } from './schedule';

/** More schedules than a test takes time for, if somebody wants them. */
const asked = Number(process.env['SCHEDULES'] ?? 0);

/** Plays so many schedules; returns what happened in them all together. */
function play(size: number, spares: number, some: number): Record<string, number> {
  const totals: Record<string, number> = { chosen: 0, healed: 0, views: 0 };
  for (let number = 1; number <= (asked || some); number += 1) {
    const seed = `${String(size)} members, ${String(spares)} spares, schedule ${String(number)}`;
    const schedule = new Schedule(size, seed, spares);
    try {
      schedule.play(spares > 0 ? 300 : 120);
    } catch (cause) {
      throw new Error(`seed "${seed}": ${String(cause)}`, { cause });
    }
    totals['chosen'] = (totals['chosen'] ?? 0) + schedule.lineages.chosen;
    totals['healed'] = (totals['healed'] ?? 0) + Number(schedule.healed);
    totals['views'] = (totals['views'] ?? 0) + schedule.views.all.length;
    for (const name of [
      'takeovers',
      'refusedRounds',
      'imposedReads',
      'settledReads',
      'merges',
      'synced',
    ]) {
      totals[name] = (totals[name] ?? 0) + schedule.count(`slots.${name}`);
    }
  }
  return totals;
}

describe('random schedules', () => {
  test.each([
    [2, 20],
    [3, 80],
    [5, 30],
  ])('I1 to I5, I11, I12, I15, I17, I19, I20: %i members, %i schedules', (size, some) => {
    const { merges, synced, ...totals } = play(size, 0, some);

    for (const total of Object.values(totals)) expect(total).toBeGreaterThan(0);
    expect([merges, synced]).toEqual([0, 0]);
  });

  test.each([
    [1, 20],
    [2, 20],
    [3, 60],
    [5, 20],
  ])('the same, and I9, in views that change: %i members, %i schedules', (size, some) => {
    const totals = play(size, 4, some);

    if (process.env['SCHEDULES']) console.log(JSON.stringify(totals));
    expect(totals['views']).toBeGreaterThan(some);
    for (const name of [...(size > 1 ? ['chosen'] : []), 'healed', 'merges', 'synced']) {
      expect([name, (totals[name] ?? 0) > 0]).toEqual([name, true]);
    }
  });
});
