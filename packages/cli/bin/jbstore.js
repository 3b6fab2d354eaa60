#!/usr/bin/env node
'use strict';

const { existsSync } = require('node:fs');
const { join } = require('node:path');

const program = join(__dirname, '..', 'dist', 'main.js');

if (existsSync(program)) {
  require(program);
} else {
  process.stderr.write('jbstore is not built yet: run `npm run build` in the repository first.\n');
  process.exitCode = 70;
}
