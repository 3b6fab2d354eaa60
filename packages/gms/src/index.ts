export * from './port';
export { LonelyJoinError, ReplicationTooHighError, SelfJoinError } from './errors';
export { Install, Installed, Join, JoinAccepted, JoinRefusal } from './messages';
export { StaticMembership } from './static-membership';
export { StaticMembershipInit } from './static-membership-init';
export { ViewService, ViewServiceInit } from './view-service';
