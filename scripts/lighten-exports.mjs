// Takes the lines `exports.A = exports.B = void 0;` out of what the compiler has written. They give each name
// a value before it gets a getter, and by that the engine makes a dictionary of the exports: every use of an
// imported name is a look-up then (docs/performance.md). Nothing needs them, as no modules are in a circle.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const announcement = /^exports\..* = void 0;$/gm;

for (const name of readdirSync('packages')) {
  const folder = join('packages', name, 'dist');
  for (const module of readdirSync(folder).filter((each) => each.endsWith('.js'))) {
    const file = join(folder, module);
    const written = readFileSync(file, 'utf8');
    // The empty line stays, so that the map to the sources still holds.
    const lightened = written.replace(announcement, '');
    if (lightened !== written) writeFileSync(file, lightened);
  }
}
