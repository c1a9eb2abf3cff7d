import { createInterface } from 'node:readline/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import { connect } from './api/connect';
import { EXIT } from './exit';
import type { Io } from './io';
import { runCli } from './program';

const terminal = process.stdout.isTTY === true;
const draw = terminal ? createLogUpdate(process.stdout) : undefined;

const io: Io = {
  out: (text) => process.stdout.write(`${text}\n`),
  note: (text) => process.stderr.write(`${text}\n`),
  draw,
  ask: process.stdin.isTTY && process.stderr.isTTY ? ask : undefined,
  // Picocolors knows NO_COLOR and FORCE_COLOR.
  colors: terminal && pc.isColorSupported,
  connect: () => connect(),
  now: () => new Date(),
  pause: () => delay(1000),
};

async function ask(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}

process.on('SIGINT', () => {
  draw?.done();
  process.exit(EXIT.interrupted);
});
// A pipe that was closed, as by `head`.
process.stdout.on('error', () => process.exit(EXIT.done));

void runCli(io, process.argv.slice(2)).then((code) => {
  draw?.done();
  process.exitCode = code;
  // A completion does not wait for what it has given up.
  if (process.argv[2] === 'complete') process.stdout.write('', () => process.exit());
});
