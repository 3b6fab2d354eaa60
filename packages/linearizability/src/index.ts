export type { Limits, Shortage } from './budget';
export {
  check,
  type Algorithm,
  type Check,
  type CheckOptions,
  type Failure,
  type Verdict,
} from './check';
export { faultIn, type Fault } from './clients';
export {
  ForeignOperationError,
  InvalidHistoryError,
  LinearizabilityError,
  MalformedHistoryError,
  RecordingError,
  UnknownModelError,
  UnsuitableAlgorithmError,
} from './errors';
export { describeOperation } from './describe';
export { explain, type Explanation } from './explain';
export { readHistory, type HistoryFormat, type RecordedHistory } from './formats';
export { jsonLineOf, readJsonLines } from './json-lines';
export { keyValue } from './key-value';
export type { Access, Model, Semantics } from './model';
export { modelNamed } from './model-names';
export { multiRegister } from './multi-register';
export { mutex } from './mutex';
export type { Action, Interval, MicroOperation, Operation, Value } from './operation';
export { explanationPage, type PageOptions } from './page';
export {
  Recorder,
  type Call,
  type RecordedClient,
  type RecorderOptions,
  type Request,
  type Result,
} from './recorder';
export { casRegister, register } from './register';
export { timelineSvg, type TimelineOptions } from './timeline';
