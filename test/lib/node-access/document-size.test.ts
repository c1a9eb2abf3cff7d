import { documentBytes, MOST_DOCUMENT_BYTES, nodeStepDocument } from '../../../lib/node-access/node-step-document';
import { nodeStepScript } from '../../../lib/node-access/node-step-script';
import { NODE_STEPS, type NodeStepName } from '../../../lib/node-access/node-steps';
import { LIBRARIES, sourcedLibraries } from '../../helpers/script-libraries';

const STEPS = Object.keys(NODE_STEPS) as NodeStepName[];

/** As they are sent at worst: see documentBytes. */
describe('how full the documents are', () => {
  /** For what a script is going to need. */
  const LEAST_FREE_PERCENT = 38;
  /** A script of an upgrade's length has to fit beside the libraries that another script shares which changes a node. */
  const LONG_SCRIPT_BYTES = 24 * 1024;

  const bytesOf = (step: NodeStepName, script: string) =>
    documentBytes(nodeStepDocument(step, script), NODE_STEPS[step]);
  const isShared = (library: string) => STEPS.filter((step) => sourcedLibraries(step).includes(library)).length > 1;
  const documents = STEPS.map((step) => ({
    step,
    bytes: bytesOf(step, nodeStepScript(step)),
    /** Without what this script alone has. */
    shared: bytesOf(
      step,
      sourcedLibraries(step)
        .filter(isShared)
        .map((library) => LIBRARIES.get(library)!)
        .join(''),
    ),
  }));

  beforeAll(() => {
    const row = (...cells: unknown[]) =>
      cells.map((cell, column) => (column === 0 ? String(cell).padEnd(24) : String(cell).padStart(8))).join('');
    const rows = documents.map(({ step, bytes, shared }) =>
      row(step, bytes, `${((1 - bytes / MOST_DOCUMENT_BYTES) * 100).toFixed(0)} %`, shared),
    );
    process.stdout.write(`${[row(`of ${MOST_DOCUMENT_BYTES} bytes`, 'used', 'free', 'shared'), ...rows].join('\n')}\n`);
  });

  test.each(documents)('$step has $bytes bytes: enough are free', ({ bytes }) => {
    expect(bytes).toBeLessThanOrEqual(MOST_DOCUMENT_BYTES * (1 - LEAST_FREE_PERCENT / 100));
  });

  test.each(documents.filter(({ step }) => NODE_STEPS[step].changesNode))(
    '$step shares $shared bytes: a long script has room beside them',
    ({ shared }) => {
      expect(shared + LONG_SCRIPT_BYTES).toBeLessThanOrEqual(MOST_DOCUMENT_BYTES);
    },
  );
});
