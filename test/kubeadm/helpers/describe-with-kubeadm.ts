import { KUBEADM_VARIABLE } from './real-kubeadm';

/** `describe`, skipped where there is no real kubeadm; build-kubeadm.ts has said why. */
export const describeWithKubeadm: jest.Describe = process.env[KUBEADM_VARIABLE] ? describe : describe.skip;
