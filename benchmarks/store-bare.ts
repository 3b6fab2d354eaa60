import { startBare } from './bare';
import { serveStore } from './store-process';

serveStore(startBare);
