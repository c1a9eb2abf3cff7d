// Runs inside a worker thread, one for each execution environment of a Lambda function: loads the function's bundle once and calls its
// handler for each invocation. Plain JavaScript, because a worker thread starts without the loader that compiles TypeScript.
'use strict';
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { existsSync } = require('node:fs');
const { parentPort, workerData } = require('node:worker_threads');

/** The form in which the Lambda runtime for Node.js reports what was thrown. */
function describe(thrown) {
  if (!(thrown instanceof Error)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return { errorType: thrown.name, errorMessage: thrown.message, trace: (thrown.stack ?? '').split('\n') };
}

/** `index.handler` in index.js, index.mjs or index.cjs, CommonJS or ES module. */
async function loadHandler({ taskRoot, handler }) {
  const [file, name] = [handler.slice(0, handler.lastIndexOf('.')), handler.slice(handler.lastIndexOf('.') + 1)];
  const path = ['.js', '.mjs', '.cjs'].map((ending) => join(taskRoot, file + ending)).find(existsSync);
  if (!path)
    throw Object.assign(new Error(`Error: Cannot find module '${file}'`), { name: 'Runtime.ImportModuleError' });
  const loaded = await import(pathToFileURL(path).href);
  const found = loaded[name] ?? loaded.default?.[name];
  if (typeof found !== 'function') {
    throw Object.assign(new Error(`${handler} is undefined or not exported`), { name: 'Runtime.HandlerNotFound' });
  }
  return found;
}

function contextOf({ deadline, ...context }) {
  return {
    ...context,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

loadHandler(workerData).then(
  (handler) => {
    parentPort.on('message', async ({ payload, context }) => {
      try {
        const result = await handler(JSON.parse(payload), contextOf(context));
        parentPort.postMessage({ kind: 'result', payload: JSON.stringify(result) ?? 'null' });
      } catch (thrown) {
        parentPort.postMessage({ kind: 'error', error: describe(thrown) });
      }
    });
    parentPort.postMessage({ kind: 'ready' });
  },
  (thrown) => parentPort.postMessage({ kind: 'init-error', error: describe(thrown) }),
);
