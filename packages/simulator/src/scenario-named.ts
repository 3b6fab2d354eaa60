import { UnknownScenarioError } from './errors';
import type { Scenario } from './scenario';
import { scenarios } from './scenarios';

/** @throws {@link UnknownScenarioError} */
export function scenarioNamed(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found) return found;
  throw new UnknownScenarioError(
    name,
    scenarios.map((scenario) => scenario.name),
  );
}
