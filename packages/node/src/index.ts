export {
  StoreMember,
  StoreNode,
  type StoreGround,
  type StoreMemberInit,
  type StoreNodeInit,
} from './assembly';
export { ClusterMember, type ClusterMemberInit, type Ground } from './cluster-assembly';
export { fileNames, readConfiguration, type ConfigurationSources } from './configuration';
export {
  BootTimedOutError,
  ConfigurationError,
  EvictedError,
  JoinRefusedError,
  PortError,
  StoppedError,
  type ConfigurationIssue,
  type SettingSource,
} from './errors';
export { graphOfNode, parseGraph } from './graph';
export { loggers, type LoggerOf } from './log';
export type { RunningNode } from './node';
export {
  NodeConfiguration,
  settingDescriptions,
  type NodeSettings,
  type Setting,
  type SettingDescription,
} from './settings';
export { startNode, type NodeOptions } from './start-node';
