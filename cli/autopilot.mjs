#!/usr/bin/env node
// The command `autopilot`: runs cli/run.mjs by way of the launcher, which finds a Node.js that is new enough.
import { fileURLToPath } from 'node:url';

process.argv.splice(2, 0, 'node', fileURLToPath(new URL('run.mjs', import.meta.url)));
await import('../tools/launch.mjs');
