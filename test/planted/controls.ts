import type { Control } from './control';
import { forgetting } from './rules/forgetting';
import { losses } from './rules/losses';
import { moves } from './rules/moves';
import { registers } from './rules/registers';
import { views } from './rules/views';

/** Every rule that is left out. */
export const controls: readonly Control[] = [
  ...registers,
  ...moves,
  ...forgetting,
  ...losses,
  ...views,
];
