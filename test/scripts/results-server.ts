import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import {
  bootstrapTokenResult,
  certificateInventory,
  controlPlaneFacts,
  nodesReady,
  refreshResult,
  rejoinResult,
  renewalResult,
} from '../../lambdas/contracts/node-steps';
import { backUpResult } from '../../lambdas/contracts/snapshot';
import * as create from '../../lambdas/contracts/create-steps';
import * as reconfigure from '../../lambdas/contracts/reconfigure-steps';
import * as remove from '../../lambdas/contracts/remove-steps';
import * as upgrade from '../../lambdas/contracts/upgrade-steps';
import { upgradeFacts } from '../../lambdas/contracts/upgrade-facts';
import { scriptFailure } from '../../lambdas/contracts/run-on-nodes';

const CONTRACTS = {
  backUpResult,
  bootstrapTokenResult,
  certificateInventory,
  controlPlaneFacts,
  nodesReady,
  refreshResult,
  rejoinResult,
  renewalResult,
  scriptFailure,
  upgradeFacts,
  ...upgrade,
  ...create,
  ...remove,
  ...reconfigure,
};

/**
 * For the .bats files, which ask hundreds of questions: one process for a file instead of one for each question. It listens on 127.0.0.1 and writes
 * its port to the file that it is given; it ends when that file is gone.
 *
 * A request is three texts, each ended by NUL: `ask` and an expression, or `keeps` and a contract's name; then a result as JSON. The answer is a line
 * with an exit code, then a text.
 */
const portFile = process.argv[2]!;
const server = createServer((socket) => {
  let request = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    request += text;
    const [kind, question, result, end] = request.split('\0');
    if (end === undefined) return;
    try {
      socket.end(`0\n${kind === 'ask' ? ask(question!, JSON.parse(result!)) : keeps(question!, JSON.parse(result!))}`);
    } catch (error) {
      socket.end(`1\n${error instanceof Error ? error.message : String(error)}`);
    }
  });
  socket.on('error', () => undefined);
});
server.listen(0, '127.0.0.1', () => {
  const own = `${portFile}.${process.pid}`;
  writeFileSync(own, `${(server.address() as AddressInfo).port}\n`);
  renameSync(own, portFile);
  setInterval(() => existsSync(portFile) || process.exit(), 1000);
  // A bats that was killed leaves its files.
  setTimeout(() => process.exit(), 3_600_000);
});

/** JavaScript over the result `r`; strings as they are, the rest as JSON. */
function ask(expression: string, r: unknown): string {
  const answer: unknown = new Function('r', `return eval(${JSON.stringify(expression)})`)(r);
  return typeof answer === 'string' ? answer : String(JSON.stringify(answer));
}

/** The result against the contract that is named; a field that no contract knows is a mistake too. */
function keeps(name: string, result: unknown): string {
  const contract = CONTRACTS[name as keyof typeof CONTRACTS];
  if (!contract) throw new Error(`there is no contract ${name}`);
  const parsed = contract.safeParse(result);
  if (!parsed.success) throw new Error(`not a ${name}: ${parsed.error.message}`);
  if (sorted(parsed.data) !== sorted(result)) {
    throw new Error(`${name} knows less than was answered:\n${sorted(result)}\n${sorted(parsed.data)}`);
  }
  return '';
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part && typeof part === 'object' && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort()) : part,
  );
}
