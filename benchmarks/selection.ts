/** The subject that is ours, in every suite. */
export const us = 'jbstore';

/** Which scenarios and subjects are asked for: all, unless some are named. */
export class Selection {
  readonly #scenarios: readonly string[];
  readonly #subjects: readonly string[];

  /**
   * @param scenarios - parts of their names
   * @param subjects - whole names
   */
  constructor(scenarios: readonly string[] = [], subjects: readonly string[] = []) {
    this.#scenarios = scenarios.map((part) => part.toLowerCase());
    this.#subjects = subjects.map((name) => name.toLowerCase());
  }

  hasScenario(scenario: string): boolean {
    if (this.#scenarios.length === 0) return true;
    return this.#scenarios.some((part) => scenario.toLowerCase().includes(part));
  }

  /** We are always among them: every figure is there to be compared with ours. */
  hasSubject(subject: string): boolean {
    if (this.#subjects.length === 0 || subject === us) return true;
    return this.#subjects.includes(subject.toLowerCase());
  }

  /** True if every subject that was named is one of `subjects`. */
  isOf(subjects: readonly string[]): boolean {
    const known = subjects.map((name) => name.toLowerCase());
    return this.#subjects.every((name) => known.includes(name));
  }
}
