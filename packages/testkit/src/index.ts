export { Harness } from './harness';
export { Probe, UnexpectedEventsError } from './probe';
export { Processes, type Process, type ProcessOptions } from './processes';
export { VirtualNetwork, type VirtualNetworkInit } from './virtual-network';
export { VirtualWire, type Envelope, type Fate, type Plug } from './virtual-wire';
