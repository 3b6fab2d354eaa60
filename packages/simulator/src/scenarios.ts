import { churn } from './churn';
import { force } from './force';
import { forgetting } from './forgetting';
import type { Scenario } from './scenario';
import { atMostOnce, quiet, standard } from './standard';

export const scenarios: readonly Scenario[] = [
  quiet,
  standard,
  atMostOnce,
  churn,
  force,
  forgetting,
];
