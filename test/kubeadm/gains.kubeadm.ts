import { describeWithKubeadm } from './helpers/describe-with-kubeadm';
import { NodeWithScripts, serials } from './helpers/node-with-scripts';
import { Folders, HAS_ROOTFS } from './helpers/real-kubeadm';
import { NAMES } from './helpers/states';

/** renew-certificates.sh up to the static pods, where the files and the kubeadm are real. Without --rootfs there are no kubeconfigs. */
(HAS_ROOTFS ? describeWithKubeadm : describe.skip)('what gains by a renewal, with the real kubeadm', () => {
  const folders = new Folders();
  afterAll(() => folders.removeAll());

  test('of 99 years, 10 years and 12 days, admin.conf alone is renewed', () => {
    const node = new NodeWithScripts(folders, 'node');
    node.make('all', '867240h');
    node.make('scheduler.conf', '87600h');
    node.make('admin.conf', '288h');
    const before = node.check();
    const { renewed, leftAlone } = node.renew();
    const after = node.check();
    expect(renewed.map(({ name }) => name)).toEqual(['admin.conf']);
    expect(leftAlone?.map(({ name }) => name).sort()).toEqual(NAMES.filter((name) => name !== 'admin.conf'));
    expect(serials(after)).toEqual({ ...serials(before), 'admin.conf': renewed[0]!.after.serial });
    const ends = (name: string) => after.certificates.find((row) => row.name === name)!.notAfter!;
    expect(ends('apiserver') > ends('scheduler.conf') && ends('scheduler.conf') > ends('admin.conf')).toBe(true);
  });

  test.each(['soon', '1.5', ''])(
    'a validity of %j, which kubeadm does not take either, is refused before',
    (period) => {
      const node = new NodeWithScripts(folders, `node-${period}`);
      const before = serials(node.check());
      node.saveValidity(period);
      expect(() => node.make('admin.conf', period)).toThrow('duration');
      expect(node.refusal()).toMatch(
        /^kubeadm \S+ does not accept the ClusterConfiguration of this cluster: time: .*duration/,
      );
      expect(serials(node.check())).toEqual(before);
    },
  );
});
