#!/usr/bin/env node
'use strict';

const { existsSync } = require('node:fs');
const { join } = require('node:path');

const program = join(__dirname, '..', 'dist', 'main.js');

/** Of an internal error. Node.js would exit with 1, which here means that a key is not there. */
const internal = 70;

if (existsSync(program)) {
  try {
    require(program);
  } catch (error) {
    process.stderr.write(`jbstore cannot be loaded: ${error.stack}\n`);
    process.exitCode = internal;
  }
} else {
  process.stderr.write('jbstore is not built yet: run `npm run build` in the repository first.\n');
  process.exitCode = internal;
}
