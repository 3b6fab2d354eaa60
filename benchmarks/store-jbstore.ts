import { startJbstore } from './jbstore';
import { serveStore } from './store-process';

serveStore(startJbstore);
