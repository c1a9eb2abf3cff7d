import { App, Stack } from 'aws-cdk-lib';
import { FlowLogDestination, InstanceType, Peer, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { PrivateHostedZone } from 'aws-cdk-lib/aws-route53';
import { AwsSolutionsChecks } from 'cdk-nag';
import { KubeadmAutopilot, KubeadmCluster } from 'kubeadm-autopilot';
import { Validations } from 'aws-cdk-lib';
import cdk from './cdk.json';

const app = new App({ context: cdk.context });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

// Machines, load balancer and network of one cluster. In most accounts the VPC is there already: Vpc.fromLookup.
const infrastructure = new Stack(app, 'Infrastructure');
const vpc = new Vpc(infrastructure, 'Vpc', {
  maxAzs: 3,
  natGateways: 1,
  subnetConfiguration: [
    { name: 'Public', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false },
    { name: 'Nodes', subnetType: SubnetType.PRIVATE_WITH_EGRESS },
  ],
  flowLogs: { ToCloudWatch: { destination: FlowLogDestination.toCloudWatchLogs() } },
});
const zone = new PrivateHostedZone(infrastructure, 'Zone', { zoneName: 'k8s.internal', vpc });
const prod = new KubeadmCluster(infrastructure, 'Prod', {
  cluster: 'prod',
  kubernetes: {
    version: '1.37.2',
    podSubnet: '10.244.0.0/16',
    cni: {
      url: 'https://github.com/flannel-io/flannel/releases/download/v0.27.4/kube-flannel.yml',
      // Yours: curl -sL <url> | sha256sum
      sha256: '0000000000000000000000000000000000000000000000000000000000000000',
    },
  },
  settings: { notifications: { emails: ['platform@example.com'] } },
  vpc,
  image: { ubuntu: '24.04' },
  networkPlugin: 'flannel',
  controlPlanes: { count: 3, instanceType: new InstanceType('m7i.large') },
  workers: [
    { name: 'general', instanceType: new InstanceType('m7i.xlarge'), min: 2, max: 6 },
    { name: 'arm', instanceType: new InstanceType('m8g.large'), min: 0, max: 4, volumeGiB: 100 },
  ],
  endpoint: { zone },
  apiPeers: [Peer.ipv4('10.20.0.0/16')],
});

// The operations, once for the account and region. They read the endpoint and the target group from the cluster's settings.
new KubeadmAutopilot(new Stack(app, 'Autopilot', { suppressTemplateIndentation: true }), 'Default', {
  clusters: [prod.settings],
});
app.synth();
