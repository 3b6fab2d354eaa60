export {
  InvalidScenarioError,
  MalformedPlanError,
  NestedSimulationError,
  RealWorldError,
  UnknownScenarioError,
  WorkerStartError,
} from './errors';
export type { Invariant, InvariantFactory, Step, World } from './invariant';
export { invariants } from './invariants';
export type { FaultCounts, OperationCounts, Outcome, RunFailure } from './outcome';
export type {
  Action,
  ChangeAction,
  ClockAction,
  ClogAction,
  CrashAction,
  CutAction,
  Compare,
  CutShape,
  Direction,
  FaultKind,
  ForceAction,
  JoinAction,
  Latency,
  LeaveAction,
  MessageRates,
  NewcomerAction,
  OperationAction,
  Order,
  PauseAction,
  Plan,
  RefreshAction,
  ReplaceAction,
  Settings,
  SlowLinkAction,
  SlownessAction,
  StrangerAction,
  WrongSuspicionAction,
} from './plan';
export { churn } from './churn';
export { parsePlanFile, planFileOf, type PlanFile } from './plan-file';
export { planText } from './plan-text';
export { pathsNotTaken, probesWith, type ProbeName } from './probes';
export {
  clientCrash,
  clockFault,
  clog,
  cut,
  getOf,
  hours,
  newcomer,
  nodeCrash,
  nodePause,
  operation,
  operationOf,
  slowLink,
  slowness,
  stranger,
  wrongSuspicion,
} from './raised-faults';
export {
  constant,
  exponential,
  inSequence,
  pause,
  perhaps,
  raise,
  raiseSome,
  together,
  uniform,
  type Beginning,
  type Cast,
  type Draw,
  type Interval,
  type Raised,
  type Raising,
} from './raising';
export { sandboxed } from './sandbox';
export {
  changeOperation,
  countOf,
  deletion,
  join,
  leave,
  refresh,
  replacement,
} from './raised-changes';
export { calm, type Changes, type Collecting, type Scenario, type Weather } from './scenario';
export { scenarioNamed } from './scenario-named';
export { serveSeeds, type RunSeed } from './seed-service';
export { shrink, type ShrinkOptions, type ShrinkProgress, type Shrunk } from './shrink';
export type { Answered, Observer, Sending } from './observer';
export type { SimulatedProcess } from './simulated-process';
export { Simulation, type SimulationOptions } from './simulation';
export { forgetting } from './forgetting';
export { scenarios } from './scenarios';
export { atMostOnce, quiet, standard } from './standard';
export { sweep, type SeedRange, type SweepOptions, type SweepResult } from './sweep';
export { merge, totalsOf, type SeedFailure, type Totals } from './totals';
export { pageOf, type Fact, type PageContent } from './timeline-page';
export type { Timeline } from './timeline';
export { timelineOf } from './timeline-recorder';
