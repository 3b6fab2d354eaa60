export * from './port';
export { IncreasingTimeout, IncreasingTimeoutInit } from './increasing-timeout';
export { HeartbeatReply, HeartbeatRequest } from './messages';
