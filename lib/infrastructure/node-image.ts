import {
  InstanceArchitecture,
  MachineImage,
  OperatingSystemType,
  UserData,
  type IMachineImage,
  type InstanceType,
} from 'aws-cdk-lib/aws-ec2';
import type { Architecture, NodeImage } from './kubeadm-cluster-props';

/** Of an instance type; undefined where its name tells nothing. */
export function architectureOf(instanceType: InstanceType): Architecture | undefined {
  try {
    return instanceType.architecture === InstanceArchitecture.ARM_64 ? 'arm64' : 'x86_64';
  } catch {
    return undefined;
  }
}

/** What an instance of this type starts from. Parameters are read at each deployment: machines that are there stay as they are. */
export function machineImage(image: NodeImage, instanceType: InstanceType): IMachineImage {
  if ('ami' in image)
    return {
      getImage: () => ({ imageId: image.ami, osType: OperatingSystemType.LINUX, userData: UserData.forLinux() }),
    };
  if ('ssmParameter' in image) return MachineImage.fromSsmParameter(image.ssmParameter);
  const architecture = architectureOf(instanceType) === 'arm64' ? 'arm64' : 'amd64';
  // Canonical puts releases from 24.04 on on gp3.
  const volume = image.ubuntu === '22.04' ? 'ebs-gp2' : 'ebs-gp3';
  return MachineImage.fromSsmParameter(
    `/aws/service/canonical/ubuntu/server/${image.ubuntu}/stable/current/${architecture}/hvm/${volume}/ami-id`,
  );
}
