export { forgetAbort, uponAbort } from './abort';
export type { CreationOptions } from './cell';
export { Channel, type HeldEvents, type HoldOptions } from './channel';
export { ForeignPortError, UnheldChannelError, UnpluggedChannelError } from './channel-errors';
export { Component, type ComponentClass } from './component';
export type { Context } from './context';
export type { Counter, Gauge } from './counter';
export type { DeadLetter, DeadLetterReason } from './dead-letter';
export { toDot } from './dot';
export type { DrawingOptions } from './drawing';
export type { Edge, EdgeSource } from './edge';
export {
  AskedBeforeError,
  ComponentFault,
  DeadLetterError,
  DuplicateChannelError,
  ForeignEventError,
  InvalidOptionError,
  InvariantViolation,
  KilledError,
  MailboxOverflowError,
  ReplacementError,
  RuntimeError,
  UnansweredError,
  UnaskedError,
  UnconnectedPortError,
  UnlistedResponseError,
  invariant,
} from './errors';
export { TreatedFault } from './faults';
export { PortEvent, event, type EventBase, type EventClass } from './event';
export type { Graph, GraphChannel, GraphComponent, GraphPort } from './graph';
export { realHost, type Host } from './host';
export type { AskOptions } from './inquiry';
export { Control, Kill, Start, Stop, type LifeState } from './life';
export { Linked, LinkedList } from './linked-list';
export { silentLogger, type Logger } from './logger';
export { ProvidedPort, RequiredPort } from './port';
export { toMermaid } from './mermaid';
export type { MailboxBound } from './overflow';
export { Port, type PortOwner } from './port-end';
export { portType, type IndicationOf, type PortType, type RequestOf } from './port-type';
export { NumberMap } from './number-map';
export { Queue } from './queue';
export { Random } from './random';
export { PortRequest, Unanswered, request, type RequestBase } from './request';
export type { Fairness, NextTurn } from './scheduler';
export { Key, type KeySelector, type KeyValue, type Selector, type Selectors } from './selector';
export type { InitOf, Replaceable, StateOf } from './succession';
export type { Decision, Directive, FaultDecision, Supervision } from './supervision';
export { System, type SystemOptions } from './system';
export type { TraceEntry } from './trace';
export { TurnoverMap } from './turnover-map';
export { LivelockError, VirtualHost } from './virtual-host';
