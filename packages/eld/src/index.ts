export * from './port';
export {
  MonarchicalLeaderDetection,
  MonarchicalLeaderDetectionInit,
} from './monarchical-leader-detection';
