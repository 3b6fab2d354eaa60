import { startRedis } from './redis';
import { serveStore } from './store-process';

serveStore(startRedis);
