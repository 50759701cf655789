#!/usr/bin/env node
// The program itself is TypeScript for Node 24; this starts it from any Node since 20.
import { fileURLToPath } from 'node:url';
import { isNode24, keepCompiled, runWithNode24 } from './node24.js';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

keepCompiled();
// What to type again, which the other Node would not see.
process.env.CARTHUB_DB_STARTED_AS = process.argv[1];
if (isNode24()) await import('./main.ts');
else runWithNode24([main, ...process.argv.slice(2)], { channel: true });
