export * from './port';
export { HostClock } from './host-clock';
export { HostTimer } from './host-timer';
