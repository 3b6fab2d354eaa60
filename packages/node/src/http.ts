import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import type { Endpoint } from './endpoint';
import { PortError } from './errors';

/** What the HTTP server of a node shows. */
export interface Figures {
  /** The text for /metrics, and its content type. */
  metrics(): Promise<string>;
  readonly metricsContentType: string;
  /** What /graph answers as JSON: the components, ports and channels, as they are now. */
  graph(): object;
  /** What /health answers as JSON: the process lives. */
  health(): object;
  /** What /ready answers as JSON: with status 200 if `ready`, else with 503. */
  readiness(): { readonly ready: boolean };
}

/** A server that listens. */
export interface FiguresServer {
  /** Where it listens; the port is the real one where 0 was asked for. */
  readonly endpoint: Endpoint;
  close(): Promise<void>;
}

/**
 * Serves /metrics, /graph, /health and /ready by HTTP.
 * @throws {@link PortError} if the port is in use, or cannot be opened.
 */
export async function serveFigures(
  { host, port }: Endpoint,
  figures: Figures,
): Promise<FiguresServer> {
  const server = createServer((request, response) => {
    answer(figures, request, response).catch(() => response.destroy());
  });
  // Whoever scrapes is quick, and holds no connection open without a request.
  server.requestTimeout = 10_000;
  server.headersTimeout = 10_000;
  server.maxConnections = 100;
  await listening(server, host, port);
  const bound = server.address();
  return {
    endpoint: { host, port: typeof bound === 'object' && bound ? bound.port : port },
    close: () => closed(server),
  };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new PortError('metricsPort', host, port, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}

async function answer(
  figures: Figures,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url?.split('?')[0] ?? '';
  const page = pages.get(path);
  if (!page) {
    reply(response, 404, plain, `there is no ${path}: ask for ${[...pages.keys()].join(', ')}\n`);
  } else if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    reply(response, 405, plain, `${path} can only be read: use GET\n`);
  } else {
    await page(figures, response);
  }
}

type Page = (figures: Figures, response: ServerResponse) => Promise<void> | void;

const pages: ReadonlyMap<string, Page> = new Map<string, Page>([
  [
    '/metrics',
    async (figures, response) => {
      reply(response, 200, figures.metricsContentType, await figures.metrics());
    },
  ],
  [
    '/graph',
    (figures, response) => {
      reply(response, 200, json, `${JSON.stringify(figures.graph())}\n`);
    },
  ],
  [
    '/health',
    (figures, response) => {
      reply(response, 200, json, `${JSON.stringify(figures.health())}\n`);
    },
  ],
  [
    '/ready',
    (figures, response) => {
      const readiness = figures.readiness();
      reply(response, readiness.ready ? 200 : 503, json, `${JSON.stringify(readiness)}\n`);
    },
  ],
]);

const plain = 'text/plain; charset=utf-8';
const json = 'application/json';

/** A body is left out of the answer to HEAD by Node itself. */
function reply(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}
