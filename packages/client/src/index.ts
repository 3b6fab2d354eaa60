export * from './port';
export { Administrator } from './administrator';
export { ClientProcess, type ClientProcessInit } from './assembly';
export { ConnectOptions, connect, defaultPort } from './connect';
export {
  CannotConnectError,
  ClosedError,
  InvalidArgumentError,
  KeySizeError,
  OutcomeUnknownError,
  StoreError,
  UnavailableError,
  ValueSizeError,
} from './errors';
export { FrontEnd } from './front-end';
export { FrontEndInit } from './front-end-init';
export { MemberSurvey } from './member-survey';
export {
  Store,
  type CallOptions,
  type NodeStatus,
  type StoreEvent,
  type StoreStatus,
} from './store';
export type { Bytes } from './text';
export { ViewFollower, ViewFollowerInit } from './view-follower';
export { keyLimitBytes, valueLimitBytes } from '@jbstore/store/port';
