export * from './port';
export { KeyValueStore, KeyValueStoreInit } from './key-value-store';
export { RangeScan, RangeScanInit } from './range-scan';
