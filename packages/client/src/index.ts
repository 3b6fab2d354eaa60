export * from './port';
export { Administrator } from './administrator';
export { ClientProcess, type ClientProcessInit } from './assembly';
export { ConnectOptions, connect, defaultPort } from './connect';
export {
  CannotConnectError,
  ChangeRefusedError,
  ClosedError,
  InvalidArgumentError,
  KeySizeError,
  NotANumberError,
  OutcomeUnknownError,
  StoreError,
  UnavailableError,
  UnsupportedOperationError,
  ValueSizeError,
} from './errors';
export type { Expectation } from './expectation';
export { FrontEnd } from './front-end';
export { FrontEndInit } from './front-end-init';
export { MemberSurvey } from './member-survey';
export { recordedAs, resultOf } from './recorded';
export type { NodeStatus, StoreStatus } from './status';
export { Store, type CallOptions, type CasResult, type Versioned } from './store';
export type { StoreEvent } from './store-event';
export type { Bytes } from './text';
export { ViewFollower, ViewFollowerInit } from './view-follower';
export type { ChangeWish } from '@jbstore/gms/port';
export { keyLimitBytes, valueLimitBytes } from '@jbstore/store/port';
