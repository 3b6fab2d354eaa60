export * from './port';
export { HostTimer } from './host-timer';
