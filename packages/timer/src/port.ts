export {
  CancelTimeout,
  SchedulePeriodicTimeout,
  ScheduleTimeout,
  TellTime,
  Time,
  Timeout,
  Timer,
  WallClock,
} from './timer';
export { Beat, type BeatOwner } from './beat';
export { Deadlines, type Deadline } from './deadlines';
