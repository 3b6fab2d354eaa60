export * from './port';
export { ReadImposeWriteConsultMajority } from './read-impose-write-consult-majority';
export { ReadImposeWriteMajority } from './read-impose-write-majority';
export { RegisterInit } from './read-impose';
export { largestGroup } from './timestamp';
