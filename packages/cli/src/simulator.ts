import type * as simulatorPackage from '@jbstore/simulator';
import { createRequire } from 'node:module';

export type Simulator = typeof simulatorPackage;

/** The simulator, which is loaded when it is first asked for: the other commands do without it. */
export function simulator(): Simulator {
  return createRequire(__filename)('@jbstore/simulator') as Simulator;
}
