import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** never-starts: the kubelet makes no container; crashes: it exits at once; not-ready: it runs and its health checks fail. */
export type ComponentFault = 'never-starts' | 'crashes' | 'not-ready';

/**
 * The fault of a static pod in NODE_ROOT/faults/components, where a line is `COMPONENT<TAB>FAULT`. It is read when the kubelet is
 * about to start the container: what runs already is not touched.
 */
export function componentFault(root: string, component: string): ComponentFault | undefined {
  for (const line of readOrEmpty(join(root, 'faults', 'components')).split('\n')) {
    const [name, fault] = line.split('\t');
    if (name !== component) continue;
    if (fault === 'never-starts' || fault === 'crashes' || fault === 'not-ready') return fault;
    throw new Error(
      `faults/components: got ${JSON.stringify(line)}, expected COMPONENT<TAB>never-starts, crashes or not-ready.`,
    );
  }
  return undefined;
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
