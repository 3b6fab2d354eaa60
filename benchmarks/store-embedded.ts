import { startEmbedded } from './jbstore';
import { serveStore } from './store-process';

serveStore(startEmbedded);
