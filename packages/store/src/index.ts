export * from './port';
export { ExactlyOnceStore, ExactlyOnceStoreInit } from './exactly-once-store';
export { KeyValueStore, KeyValueStoreInit } from './key-value-store';
export { RangeScan, RangeScanInit } from './range-scan';
export { SessionKeeper, SessionKeeperInit } from './session-keeper';
