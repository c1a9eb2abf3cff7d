import type { OperationProgress } from '../lambdas/contracts/api/operations';
import type { Context } from './context';
import { CliError, EXIT, type ExitCode } from './exit';
import { progressLines, progressTree } from './output/operations';

/** How often in a row the API may be out of reach before watching ends: about ten minutes, each call tries for a while itself. */
const MOST_FAILURES = 200;

const isOver = ({ operation }: OperationProgress): boolean =>
  !['RUNNING', 'PENDING_REDRIVE'].includes(operation.status);

/**
 * Shows an operation until it ends: as a tree that is drawn again and again on a terminal, else a line for whatever begins or ends. The
 * operation does not need anybody to watch it: a lost connection is waited for, and Ctrl-C ends the watching alone.
 * @returns done or failed, as the operation ended
 */
export async function watch({ io, api, json, colors, zoneOf }: Context, id: string): Promise<ExitCode> {
  let last: OperationProgress | undefined;
  let zone: string | undefined;
  for (let failures = 0; ; await io.pause()) {
    try {
      const progress = await api.call('followOperation', { parameters: { id } });
      failures = 0;
      if (!json) {
        zone ??= await zoneOf(progress.operation.cluster);
        if (io.draw) io.draw(progressTree(progress, io.now(), colors));
        else for (const line of progressLines(last, progress, zone)) io.out(line);
      }
      last = progress;
    } catch (error) {
      const isLost = error instanceof CliError && error.exitCode === EXIT.unreachable;
      if (!isLost || (failures += 1) > MOST_FAILURES) throw error;
      if (failures === 1) io.note('The connection is lost, the operation goes on; trying again ...');
      continue;
    }
    if (isOver(last)) return finish(last);
  }

  function finish(progress: OperationProgress): ExitCode {
    if (!json && !io.draw) io.out(progressTree({ ...progress, steps: [] }, io.now(), colors));
    return progress.operation.status === 'SUCCEEDED' ? EXIT.done : EXIT.failed;
  }
}

/** Waits for an operation's end without showing it. */
export async function waitForEnd({ io, api }: Context, id: string) {
  for (;;) {
    const details = await api.call('describeOperation', { parameters: { id } });
    if (details.status !== 'RUNNING') return details;
    await io.pause();
  }
}
