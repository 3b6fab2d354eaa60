// Draws the graph of a node anew where the manual of the runtime shows it.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

const file = 'packages/core/README.md';
const place = /(?<=<!-- graph: .* -->\n\n```mermaid\n)[^]*?(?=```\n\n<!-- end of graph -->)/;

const command = ['packages/cli/bin/jbstore.js', 'graph', '--only-flags'];
const { stdout: graph } = await run(process.execPath, command);
const readme = await readFile(file, 'utf8');
if (!place.test(readme)) throw new Error(`${file} has no place for the graph`);
await writeFile(
  file,
  readme.replace(place, () => graph),
);
