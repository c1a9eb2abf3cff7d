// node probe.mjs URL : asks GET URL every 100 ms, each time over a new connection, until standard input ends. It prints an empty line for
// each answer, and at the end one of JSON: see probe.ts. Runs in the load balancer's network namespace.
import http from 'node:http';
import https from 'node:https';

const INTERVAL_MS = 100;
/** A machine that is busy makes an answer late, and not a failure: the gaps tell. */
const LIMIT_MS = 15_000;
const [url] = process.argv.slice(2);
const { request } = url.startsWith('https:') ? https : http;
const result = { requests: 0, failures: [], longestGapMs: 0 };
const pending = new Set();
let lastSuccess = Date.now();

function ask() {
  const asked = Date.now();
  return new Promise((resolve) => {
    const done = (reason) => {
      result.requests++;
      process.stdout.write('\n');
      if (reason) result.failures.push({ at: new Date(asked).toISOString(), ms: Date.now() - asked, reason });
      else {
        result.longestGapMs = Math.max(result.longestGapMs, Date.now() - lastSuccess);
        lastSuccess = Date.now();
      }
      resolve();
    };
    const call = request(url, { agent: false, rejectUnauthorized: false, timeout: LIMIT_MS }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => (text += part));
      answer.once('end', () => {
        const failing = text.match(/^\[-\]\S+/gm) ?? [];
        done(answer.statusCode === 200 ? undefined : [`status ${answer.statusCode}`, ...failing].join(' '));
      });
      answer.once('error', (error) => done(error.message));
    });
    call.once('timeout', () => call.destroy(new Error(`no answer within ${LIMIT_MS} ms`)));
    call.once('error', (error) => done(error.code ?? error.message));
    call.end();
  });
}

const timer = setInterval(() => {
  const one = ask().then(() => pending.delete(one));
  pending.add(one);
}, INTERVAL_MS);
process.stdin.resume().once('end', async () => {
  clearInterval(timer);
  await Promise.all(pending);
  process.stdout.write(`${JSON.stringify(result)}\n`);
});
