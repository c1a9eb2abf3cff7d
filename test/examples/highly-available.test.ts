import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { clusterConfig } from '../../lambdas/contracts/cluster-config';
import { readAssembly } from '../../local/cloud-assembly/read-assembly';
import { runApp } from '../helpers/synth';

/** The app as a user has it: synthesised by a program of its own, which imports the package by its name. */
describe('examples/highly-available', () => {
  const folder = mkdtempSync(join(tmpdir(), 'example-'));
  let infrastructure: Template;
  let autopilot: Template;
  const json = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, unknown>;

  beforeAll(() => {
    const { status, output } = runApp({ folder, program: 'examples/highly-available/app.ts' });
    expect({ status, output }).toMatchObject({ status: 0 });
    infrastructure = Template.fromJSON(json('Infrastructure.template.json'));
    autopilot = Template.fromJSON(json('Autopilot.template.json'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- templates have no types
  const propertiesOf = (type: string): any[] =>
    Object.values(infrastructure.findResources(type)).map(({ Properties }: { Properties?: object }) => Properties!);

  test('cdk-nag finds nothing that is not acknowledged with a reason', () => {
    expect(json('validation-report.json')).toMatchObject({ pluginReports: [] });
  });

  test('every machine: metadata service version 2 within the machine, no public address, an encrypted volume', () => {
    const templates = propertiesOf('AWS::EC2::LaunchTemplate').map(({ LaunchTemplateData: data }) => data) as Record<
      string,
      unknown
    >[];
    expect(templates).toHaveLength(3);
    for (const data of templates)
      expect(data).toMatchObject({
        MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1, HttpEndpoint: 'enabled' },
        NetworkInterfaces: [{ AssociatePublicIpAddress: false }],
        BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { Encrypted: true, VolumeType: 'gp3' } }],
      });
    const sizes = templates.map(
      (data) =>
        (data as never as { BlockDeviceMappings: [{ Ebs: { VolumeSize: number } }] }).BlockDeviceMappings[0].Ebs
          .VolumeSize,
    );
    expect(sizes.sort()).toEqual([100, 50, 80]);
  });

  test.each([
    ['control-plane', 'control-plane', '3', '4', true],
    ['general', 'worker', '2', '6', false],
    ['arm', 'worker', '0', '4', false],
  ])(
    'the group %s: its tags reach instances, its sizes, its protection; nothing replaces machines',
    (group, role, min, max, isProtected) => {
      const tag = (key: string, value: string) => ({
        Key: `kubeadm-autopilot:${key}`,
        Value: value,
        PropagateAtLaunch: true,
      });
      const found = infrastructure.findResources('AWS::AutoScaling::AutoScalingGroup', {
        Properties: {
          MinSize: min,
          MaxSize: max,
          DesiredCapacity: Match.absent(),
          NewInstancesProtectedFromScaleIn: isProtected,
          InstanceLifecyclePolicy: isProtected
            ? { RetentionTriggers: { TerminateHookAbandon: 'retain' } }
            : Match.absent(),
          TargetGroupARNs: Match.absent(),
          Tags: Match.arrayWith([tag('cluster', 'prod'), tag('group', group), tag('role', role)]),
        },
      });
      expect(Object.keys(found)).toHaveLength(1);
      const [{ UpdatePolicy }] = Object.values(found) as [{ UpdatePolicy?: object }];
      expect(Object.keys(UpdatePolicy ?? {})).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/RollingUpdate|ReplacingUpdate/)]),
      );
    },
  );

  test('hooks: a machine that does not join is replaced, a control plane that is not removed is retained, a worker goes', () => {
    const hooks = propertiesOf('AWS::AutoScaling::LifecycleHook').map((hook) =>
      [
        /ControlPlanes|Workers(?:general|arm)/.exec((hook.AutoScalingGroupName as { Ref: string }).Ref)![0],
        String(hook.LifecycleTransition).replace('autoscaling:EC2_INSTANCE_', ''),
        hook.DefaultResult,
        hook.HeartbeatTimeout,
      ].join(' '),
    );
    expect(hooks.sort()).toEqual([
      'ControlPlanes LAUNCHING ABANDON 3600',
      'ControlPlanes TERMINATING ABANDON 3600',
      'Workersarm LAUNCHING ABANDON 3600',
      'Workersarm TERMINATING CONTINUE 3600',
      'Workersgeneral LAUNCHING ABANDON 3600',
      'Workersgeneral TERMINATING CONTINUE 3600',
    ]);
  });

  test('the load balancer is internal, a control plane reaches itself through it, and it asks /readyz', () => {
    infrastructure.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Scheme: 'internal',
      Type: 'network',
      Name: 'prod-api',
    });
    infrastructure.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      Port: 6443,
      Protocol: 'TCP',
      TargetType: 'instance',
      HealthCheckProtocol: 'HTTPS',
      HealthCheckPath: '/readyz',
      TargetGroupAttributes: Match.arrayWith([{ Key: 'preserve_client_ip.enabled', Value: 'false' }]),
    });
    infrastructure.hasResourceProperties('AWS::Route53::RecordSet', { Name: 'api.prod.k8s.internal.', Type: 'A' });
  });

  test('what the security groups let in', () => {
    type Rule = Record<string, string & number & { 'Fn::GetAtt': [string, string] }>;
    const nameOf = (id?: { 'Fn::GetAtt': [string, string] }) =>
      /Prod(LoadBalancer|ControlPlane|Worker)SecurityGroup/.exec(id?.['Fn::GetAtt'][0] ?? '')?.[1];
    const row = (to: string | undefined, { IpProtocol, FromPort, ToPort, ...from }: Rule) =>
      `${to} ← ${nameOf(from.SourceSecurityGroupId) ?? from.CidrIp}: ${IpProtocol} ${FromPort === ToPort ? FromPort : `${FromPort}-${ToPort}`}`;
    const inline = Object.entries(infrastructure.findResources('AWS::EC2::SecurityGroup')).flatMap(
      ([id, { Properties }]: [string, { Properties?: { SecurityGroupIngress?: Rule[] } }]) =>
        (Properties!.SecurityGroupIngress ?? []).map((rule) => row(nameOf({ 'Fn::GetAtt': [id, ''] }), rule)),
    );
    const between = propertiesOf('AWS::EC2::SecurityGroupIngress').map((rule) => row(nameOf(rule.GroupId), rule));
    expect([...inline, ...between].sort()).toEqual(
      [
        'ControlPlane ← ControlPlane: tcp 10250',
        'ControlPlane ← ControlPlane: tcp 2379-2380',
        'ControlPlane ← ControlPlane: tcp 6443',
        'ControlPlane ← ControlPlane: udp 8472',
        'ControlPlane ← LoadBalancer: tcp 6443',
        'ControlPlane ← Worker: tcp 10250',
        'ControlPlane ← Worker: tcp 6443',
        'ControlPlane ← Worker: udp 8472',
        'LoadBalancer ← 10.20.0.0/16: tcp 6443',
        'LoadBalancer ← ControlPlane: tcp 6443',
        'LoadBalancer ← Worker: tcp 6443',
        'Worker ← ControlPlane: tcp 10250',
        'Worker ← ControlPlane: udp 8472',
        'Worker ← Worker: tcp 10250',
        'Worker ← Worker: udp 8472',
      ].sort(),
    );
  });

  test('nodes read the secrets of their cluster and no other parameter; workers not those of control planes', () => {
    type Statement = { Sid?: string; Effect: string; Action: string | string[]; Resource: unknown };
    const policies = propertiesOf('AWS::IAM::Policy')
      .map((policy: { PolicyDocument: { Statement: Statement[] } }) => policy.PolicyDocument.Statement)
      .filter((all) => all[0]!.Sid === 'SsmAgent');
    expect(policies).toHaveLength(3);
    const rest = policies.map((all) =>
      all
        .slice(1)
        .map(
          ({ Effect, Action, Resource }) =>
            `${Effect} ${String(Action)} ${/secrets.*?(?=")/.exec(JSON.stringify(Resource))![0]}`,
        ),
    );
    const own = 'Allow ssm:GetParameter secrets/prod/*';
    const worker = [own, 'Deny ssm:GetParameter secrets/prod/certificate-key-*'];
    expect(rest).toEqual([[own], worker, worker]);
    for (const [agent] of policies)
      for (const action of agent!.Action)
        expect(action).toMatch(/^(ssmmessages|ec2messages):\w+$|^ssm:(?!GetParameter|SendCommand|StartSession)\w+$/);
    for (const { ManagedPolicyArns } of propertiesOf('AWS::IAM::Role'))
      expect(ManagedPolicyArns ?? []).not.toEqual(expect.arrayContaining([expect.stringContaining('Administrator')]));
  });

  test('the local AWS does not run it, and says so', async () => {
    await expect(readAssembly(folder)).rejects.toThrow(
      /^The local AWS runs an app of one stack; .* has 2: (Infrastructure, Autopilot|Autopilot, Infrastructure)\.$/,
    );
  });

  test('the operations read the endpoint and the target group from the settings of the cluster', () => {
    const [parameter] = Object.values(
      autopilot.findResources('AWS::SSM::Parameter', { Properties: { Name: '/kubeadm-autopilot/clusters/prod' } }),
    ) as [{ Properties: { Value: { 'Fn::Join': [string, unknown[]] } } }];
    const arn = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/a/0123456789abcdef';
    const text = parameter.Properties.Value['Fn::Join'][1]
      .map((part) => (typeof part === 'string' ? part : arn))
      .join('');
    // As a Lambda reads it.
    expect(clusterConfig.parse(JSON.parse(text)).kubernetes).toMatchObject({
      endpoint: 'api.prod.k8s.internal:6443',
      targetGroups: [arn],
    });
  });
});
