import type { Component } from '../../files/static-pod-manifests';
import type { StartComponent } from '../component';
import { startApiServer } from './api-server';
import { startControllerManager } from './controller-manager';
import { startEtcd } from './etcd';
import { loopbackComponent } from './loopback-component';

/** What runs in the container of a static pod, by its name. */
export const START_COMPONENT: Record<Component, StartComponent> = {
  etcd: startEtcd,
  'kube-apiserver': startApiServer,
  'kube-controller-manager': startControllerManager,
  'kube-scheduler': loopbackComponent('kube-scheduler', 10259),
};
