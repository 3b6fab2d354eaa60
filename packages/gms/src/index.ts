export * from './port';
export { refusalOfChange, sparesOf, type Change } from './changes';
export { LonelyJoinError, ReplicationTooHighError, SelfJoinError } from './errors';
export { Install, Installed, Join, JoinAccepted, JoinRefusal } from './messages';
export { nextView, type Pace } from './planner';
export { StaticMembership } from './static-membership';
export { StaticMembershipInit } from './static-membership-init';
export { ViewService, ViewServiceInit } from './view-service';
