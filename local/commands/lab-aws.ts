import { LocalAws } from '../local-aws';
import type { LocalAwsOptions } from '../local-aws';
import { LabCluster } from '../nodes/lab/lab-cluster';
import { howToUse, leaveRunning } from './leave-running';
import { temporaryFolder } from './start-local-cluster';
import { synthesiseFor } from './synthesise-for';

export interface LabAwsFlags {
  port: number;
  /** Absent: every lab cluster that there is. */
  name?: string;
}

/**
 * Leaves a local AWS running over lab clusters that are up, with the app deployed into it: every node is an EC2 instance. Ends with Ctrl-C;
 * the clusters stay as they are.
 */
export function leaveAwsRunning({ port, name }: LabAwsFlags): Promise<void> {
  return leaveRunning(async (cleanUp) => {
    const names = name === undefined ? await LabCluster.names() : [name];
    if (names.length === 0) throw new Error('There is no lab cluster: "up" makes one.');
    const clusters = await Promise.all(names.map((each) => LabCluster.open(each)));

    console.error('synthesising the CDK app ...');
    const cloudAssembly = await synthesiseFor(names, await temporaryFolder(cleanUp));
    console.error('starting the local AWS ...');
    const aws = await LocalAws.start({ cloudAssembly, port, ...resources(clusters) });
    cleanUp.add(() => aws.stop());

    console.log(`AWS_ENDPOINT_URL=${aws.endpoint}`);
    console.error(`
${howToUse(aws, names[0]!)}  aws ec2 describe-instances --filters Name=tag:kubeadm-autopilot:cluster,Values=${names[0]}

Nodes reach it too, as their instance's role: npm run lab -- exec --name ${names[0]} cp-1 curl -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token
Ctrl-C ends it; ${names.length > 1 ? 'the clusters stay' : 'the cluster stays'}.`);
  });
}

/** What the clusters are to AWS. */
function resources(clusters: LabCluster[]): Pick<LocalAwsOptions, 'nodes' | 'targetGroups'> {
  return {
    nodes: clusters.flatMap(({ nodes }) => nodes),
    targetGroups: clusters.map(({ targetGroup }) => targetGroup),
  };
}
