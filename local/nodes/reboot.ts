import type { Node } from './node';

const reboots = new WeakMap<Node, Promise<void>>();

/** Off and on again. Who asks for a reboot while the node reboots waits for the same one. */
export function reboot(node: Node): Promise<void> {
  const underWay = reboots.get(node);
  if (underWay) return underWay;
  const done = node
    .powerOff()
    .then(() => node.powerOn())
    .finally(() => reboots.delete(node));
  reboots.set(node, done);
  return done;
}

/** For AWS, a machine that reboots is running and its agent online: it is back before anybody counts it as lost. */
export const isUp = (node: Node): boolean => node.isOn || reboots.has(node);
