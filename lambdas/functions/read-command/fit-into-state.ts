import type { NodeResult } from '../../contracts/run-on-nodes';

/** A state holds 256 KiB, which the answers share with what the machine keeps beside them. */
const MOST_BYTES = 200_000;

/** The results, with the largest ones replaced by a failure until all fit: one talkative node must not cost the answers of 49. */
export function fitIntoState(results: NodeResult[], most = MOST_BYTES): NodeResult[] {
  const size = (result: NodeResult) => Buffer.byteLength(JSON.stringify(result));
  let total = results.reduce((sum, result) => sum + size(result), 0);
  const fitting = [...results];
  const bySize = results.map((result, index) => ({ index, bytes: size(result) })).sort((a, b) => b.bytes - a.bytes);
  for (const { index, bytes } of bySize) {
    if (total <= most) break;
    const result = fitting[index];
    if (!result) continue;
    const small = tooLarge(result, bytes);
    fitting[index] = small;
    total += size(small) - bytes;
  }
  return fitting;
}

function tooLarge({ instanceId, name, failure }: NodeResult, bytes: number): NodeResult {
  if (failure) return { instanceId, name, failure: { error: failure.error, message: failure.message } };
  const message = `The answer of ${name} has ${bytes} bytes and does not fit into a state with the others: read the log on the node.`;
  return { instanceId, name, failure: { error: 'NodeStepFailed', message } };
}
