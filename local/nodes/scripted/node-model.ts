import { randomBytes } from 'node:crypto';
import type { NodeRole } from '../../../lambdas/contracts/node';
import type { PreflightFacts } from '../../../lambdas/contracts/create-steps';
import type { Certificate, Component } from './certificates';
import type { NodeVersions } from './kubernetes-model';
import { COMPONENTS, COMPONENT_NAMES, KUBEADMS, YEAR_MS, newCertificate } from './certificates';

/** A renewal that began and has not finished. */
export interface OpenRenewal {
  before: Map<string, Certificate>;
  toRestart: Component[];
  backup: string;
  /** Only the copies of admin.conf are left. */
  isProven?: true;
}

/** What a scripted node remembers of itself: as much as node steps read and change. */
export abstract class NodeModel {
  abstract readonly instanceId: string;
  isOn = true;
  kubeletRuns = true;
  /** Its kubelet has the bootstrap token of a repair. */
  isRejoining = false;
  /** What its static pods have loaded, by name. */
  readonly loaded = new Map<string, Certificate>();
  /** Ids of the containers of its static pods. */
  readonly containers: Partial<Record<Component, string>> = {};
  renewalFinished?: Date;
  openRenewal?: OpenRenewal | undefined;
  /** A backup that waits for its upload. */
  archive?: { secret: string; body: string } | undefined;
  /** How often kubeadm renewed its files. */
  renewals = 0;
  readonly versions: NodeVersions;
  /** Of its etcd member. */
  etcdVersion = '3.6.12';
  /** Of a cluster; a bare machine has none. */
  membership: PreflightFacts['cluster']['state'] = 'joined';
  /** Its Node object: there while its machine is a node, unless it stays after that was reset, or was deleted. */
  nodeObject: 'as-machine' | 'stays' | 'deleted' = 'as-machine';
  /** It joined, and nobody has seen the cluster work from here. */
  unproven = false;
  /** It has a container runtime and the packages of Kubernetes. */
  prepared = true;
  /** Versions whose packages and images are here. */
  readonly staged = new Set<string>();

  constructor(
    readonly name: string,
    readonly role: NodeRole,
    /** On disk, by name. */
    readonly certificates: Map<string, Certificate>,
    version: string,
  ) {
    this.versions = { kubeadm: version, kubelet: version, ...(role === 'control-plane' && { staticPods: version }) };
    if (role === 'control-plane') for (const component of COMPONENT_NAMES) this.restart(component);
  }

  /** Of what kubeadm renews, by name. */
  get serials(): Record<string, string> {
    return Object.fromEntries(
      KUBEADMS.flatMap(({ name }) =>
        this.certificates.has(name) ? [[name, this.certificates.get(name)!.serial]] : [],
      ),
    );
  }

  restart(component: Component): void {
    this.containers[component] = randomBytes(32).toString('hex');
    // A certificate that no file holds is made at the start.
    for (const name of COMPONENTS[component])
      this.loaded.set(name, this.certificates.get(name) ?? newCertificate(YEAR_MS));
  }
}
