import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { join } from 'node:path';

const repository = join(__dirname, '..', '..');
const program = join(repository, 'packages/cli/bin/jbstore.js');

/** Longer than anything here takes, even on a machine that is busy with something else. */
export const patienceMs = 60_000;

/**
 * Brings the build up to date. These tests run what users run, the built command: from the sources,
 * every process would first have to translate a hundred files. Nothing is done if all is built.
 */
export function build(): void {
  execFileSync(process.execPath, [join(repository, 'node_modules/typescript/bin/tsc'), '-b'], {
    cwd: repository,
    stdio: 'inherit',
  });
}

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const running = new Set<Command>();

/** A `jbstore` process. */
export class Command {
  readonly exited: Promise<Outcome>;
  /** Undefined while it runs. */
  outcome: Outcome | undefined;
  readonly pid: number;
  readonly child: ChildProcess;
  #stdout = Buffer.alloc(0);
  #stderr = Buffer.alloc(0);
  readonly #watchers = new Set<() => void>();

  constructor(words: readonly string[], stdin: string | Uint8Array = '', cwd = repository) {
    const child = spawn(process.execPath, [program, ...words], { cwd, env: environment() });
    this.child = child;
    this.pid = child.pid ?? 0;
    running.add(this);
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
    child.stdout.on('data', (chunk: Buffer) => {
      this.#stdout = Buffer.concat([this.#stdout, chunk]);
      this.#look();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = Buffer.concat([this.#stderr, chunk]);
      this.#look();
    });
    this.exited = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        running.delete(this);
        this.outcome = { code, signal, stdout: this.stdout, stderr: this.stderr };
        resolve(this.outcome);
        this.#look();
      });
    });
  }

  get stdout(): string {
    return this.#stdout.toString();
  }

  get stdoutBytes(): Buffer {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr.toString();
  }

  /** Resolves with what `find` finds in the output, as soon as it finds something. */
  until<Found>(what: string, find: (command: this) => Found | undefined): Promise<Found> {
    return new Promise((resolve, reject) => {
      const give = (): void => {
        const found = find(this);
        if (found !== undefined) settle(() => resolve(found));
        else if (!running.has(this)) settle(() => reject(this.#failure(`ended without ${what}`)));
      };
      const settle = (finish: () => void): void => {
        clearTimeout(impatience);
        this.#watchers.delete(give);
        finish();
      };
      const impatience = setTimeout(() => {
        settle(() => reject(this.#failure(`there is no ${what}`)));
      }, patienceMs);
      this.#watchers.add(give);
      give();
    });
  }

  /** Ends it gracefully, unless it has ended. */
  stop(): Promise<Outcome> {
    this.child.kill('SIGTERM');
    return this.exited;
  }

  #look(): void {
    for (const look of [...this.#watchers]) look();
  }

  #failure(problem: string): Error {
    return new Error(
      `${problem}; standard output:\n${this.stdout}\nstandard error:\n${this.stderr}`,
    );
  }
}

/** Of the person who runs the tests, without what would configure a node. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('JBSTORE_'));
  return Object.fromEntries(kept);
}

/** Runs a command to its end. */
export function jbstore(words: readonly string[], stdin?: string | Uint8Array): Promise<Outcome> {
  return new Command(words, stdin).exited;
}

/** Ends whatever a test has left running. */
export async function endAll(): Promise<void> {
  const left = [...running];
  for (const { child } of left) {
    child.kill('SIGCONT');
    child.kill('SIGKILL');
  }
  await Promise.all(left.map(({ exited }) => exited));
}

/** A node of a running cluster. */
export interface RunningNode {
  readonly name: string;
  readonly pid: number;
  readonly address: string;
  readonly metrics?: string;
}

/** A `jbstore cluster` whose nodes serve. Its nodes end with it, for good or ill. */
export class RunningCluster {
  constructor(
    readonly command: Command,
    readonly nodes: readonly RunningNode[],
  ) {}

  static async start(words: readonly string[]): Promise<RunningCluster> {
    const command = new Command(['cluster', '--json', '--port', '0', ...words]);
    const nodes = await command.until('ready cluster', readyNodes);
    return new RunningCluster(command, nodes);
  }

  get addresses(): readonly string[] {
    return this.nodes.map(({ address }) => address);
  }

  /** The node of this index. */
  node(index: number): RunningNode {
    const node = this.nodes[index];
    if (!node) throw new Error(`there is no node ${index}`);
    return node;
  }

  /** Sends a signal to one node. */
  signal(index: number, signal: NodeJS.Signals): void {
    process.kill(this.node(index).pid, signal);
  }

  stop(): Promise<Outcome> {
    return this.command.stop();
  }
}

function readyNodes({ stdout }: Command): readonly RunningNode[] | undefined {
  const line = stdout.split('\n').find((text) => text.includes('"event":"ready"'));
  if (line === undefined) return undefined;
  return (JSON.parse(line) as { readonly nodes: readonly RunningNode[] }).nodes;
}

/** True while there is a process with this id. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Below those that a system gives to who asks for none: no connection that is opened meanwhile takes one of these. */
const [firstPort, ports] = [20_000, 12_000];
let lastPort = randomInt(ports);

/** A port that was free a moment ago, and another one each time. */
export async function freePort(): Promise<number> {
  lastPort = (lastPort + 1) % ports;
  const port = firstPort + lastPort;
  return (await isFree(port)) ? port : freePort();
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/** Resolves when `holds` does. Looks often, and waits no longer than that. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = patienceMs,
): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`it never was so that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
