import { ExitCode } from './exit-code';
import { run } from './program';

// Who reads our output may leave when it has enough, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? ExitCode.done : ExitCode.internal);
});
process.stderr.on('error', () => undefined);

// Node.js would exit with 1, which here means that a key is not there.
process.on('uncaughtException', (error) => {
  process.stderr.write(
    `jbstore: internal error, a mistake of ours: ${error.stack ?? String(error)}\n`,
  );
  process.exit(ExitCode.internal);
});

void run(process.argv.slice(2), process).then((code) => {
  process.exit(process.exitCode ?? code);
});
