import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { greet } from './greeting';

test('the example of the README is the program beside this test, and runs', async () => {
  const readme = readFileSync(join(__dirname, '../README.md'), 'utf8');
  const program = readFileSync(join(__dirname, 'greeting.ts'), 'utf8');

  expect(readme).toContain(`\`\`\`ts\n${program}\`\`\``);
  expect(await greet('world')).toBe('Hello, world!');
});
