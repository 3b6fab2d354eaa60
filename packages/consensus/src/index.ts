export * from './port';
export { SingleDecreePaxos, SingleDecreePaxosInit } from './single-decree-paxos';
export { Accept, Accepted, Decided, Prepare, Promised, Refused } from './messages';
