export * from './port';
export { CannotListenError, PortInUseError } from './errors';
export { WebSocketNetwork } from './web-socket-network';
export { WebSocketNetworkInit } from './web-socket-network-init';
