import { LocalAws } from './local-aws';
import { createDemoCluster } from './nodes/simulated/demo-cluster';
import { synthesise } from './commands/synthesise';
import { existsSync } from 'node:fs';
import { SFNClient, StartExecutionCommand, DescribeExecutionCommand, GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
(async () => {
  let t = Date.now();
  const lap = (what: string) => { console.log(what, Date.now() - t); t = Date.now(); };
  const folder = process.env.ASM ?? '/tmp/try-asm-' + Date.now();
  if (!existsSync(folder)) await synthesise(folder);
  lap('synth ' + folder);
  const cluster = await createDemoCluster('/tmp/try-nodes-' + Date.now());
  lap('cluster');
  const aws = await LocalAws.start({ cloudAssembly: folder, nodes: cluster.nodes, onProblem: (s) => console.log('PROBLEM', s), onFunctionOutput: (n, l) => console.log(n, l.slice(0, 400)) });
  lap('start');
  try {
    const sfn = new SFNClient({ endpoint: aws.endpoint, region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
    for (const id of ['Autopilot/CheckCertificates', 'Autopilot/RenewCertificates']) {
      const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn: aws.physicalId(id), input: JSON.stringify({ cluster: 'demo', ...(id.includes('Check') ? { renew: false } : {}) }) }));
      let d: any;
      do { await new Promise((r) => setTimeout(r, 300)); d = await sfn.send(new DescribeExecutionCommand({ executionArn })); } while (d.status === 'RUNNING' && Date.now() - t < 120000);
      lap(id);
      console.log(d.status, d.error, (d.cause ?? d.output)?.slice(0, 1500));
      const h = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
      console.log(h.events!.length);
      if (d.status !== 'SUCCEEDED') console.log(h.events!.slice(-8).map((e: any) => e.type + ' ' + JSON.stringify(e).slice(0, 600)));
    }
    console.log(aws.usage, aws.published().map((m) => m.subject));
  } finally { t = Date.now(); await aws.stop(); lap('stop aws'); await cluster.stop(); lap('stop cluster'); }
})().catch((e) => { console.error(e); process.exit(1); });
