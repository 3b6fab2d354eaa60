import { startReplicatedRedis } from './redis';
import { serveStore } from './store-process';

serveStore(startReplicatedRedis);
