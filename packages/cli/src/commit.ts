import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Which commit of the repository of this command is checked out, and whether it was changed since. */
export async function commitOfSources(): Promise<string> {
  const git = async (...words: readonly string[]): Promise<string> => {
    const { stdout } = await run('git', words, { cwd: __dirname });
    return stdout.trim();
  };
  try {
    // An installed package may lie within a repository that knows nothing of it.
    await git('ls-files', '--error-unmatch', '../package.json');
    const commit = await git('rev-parse', 'HEAD');
    const changes = await git('status', '--porcelain', '--untracked-files=no');
    return changes === '' ? commit : `${commit}, and changes to it`;
  } catch {
    return 'unknown';
  }
}
