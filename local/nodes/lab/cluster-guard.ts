import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { hostScript } from './host-script';

/** A process that removes a cluster as soon as this one has ended, however it ended. */
export class ClusterGuard {
  private readonly child: ChildProcess;

  constructor(clusterFolder: string, cluster: string) {
    const stdio: ['pipe', 'ignore', 'inherit'] = ['pipe', 'ignore', 'inherit'];
    this.child = spawn(hostScript('cluster-guard'), [clusterFolder, cluster], { stdio, detached: true });
    // This process need not wait for it.
    this.child.unref();
    (this.child.stdin as Socket).unref();
  }

  /** The cluster may outlive this process. */
  release(): void {
    this.child.stdin?.end('keep\n');
  }
}
