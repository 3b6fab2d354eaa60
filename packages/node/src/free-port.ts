import { createServer } from 'node:net';

import { PortError } from './errors';

/**
 * A port of `host` that was free a moment ago. A node must know its port before it starts, because
 * the port is part of who it is; should another program take it in between, one asks again.
 * @throws {@link PortError} if `host` is no host of this machine.
 */
export function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (cause) => {
      reject(new PortError('port', host, 0, { cause }));
    });
    server.listen(0, host, () => {
      const bound = server.address();
      const port = typeof bound === 'object' && bound ? bound.port : 0;
      server.close(() => {
        resolve(port);
      });
    });
  });
}
