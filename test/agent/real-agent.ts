import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Hard-coded in the agent. run.sh has put private folders there. */
const CONFIGURATION = '/etc/amazon/ssm';
const LOG = '/var/log/amazon/ssm/amazon-ssm-agent.log';
const REGION = 'eu-central-1';

export interface RealAgentOptions {
  instanceId: string;
  /** Of the AgentEndpoint. */
  endpoint: string;
  /** A file with the CA that the agent has to trust. */
  caFile: string;
  /** What scripts find in their environment: they inherit the agent's. */
  environment: Record<string, string>;
}

/** The amazon-ssm-agent of this machine, as it is configured for an instance without metadata service. */
export class RealAgent {
  private process?: ChildProcess;

  constructor(private readonly options: RealAgentOptions) {
    const { instanceId, endpoint } = options;
    const identity = {
      InstanceID: instanceId,
      Region: REGION,
      AvailabilityZone: `${REGION}a`,
      InstanceType: 't3.medium',
      CredentialsProvider: 'DEFAULT',
    };
    mkdirSync(CONFIGURATION, { recursive: true });
    writeFileSync(
      join(CONFIGURATION, 'amazon-ssm-agent.json'),
      JSON.stringify({
        Agent: { Region: REGION, SelfUpdate: false },
        Identity: { ConsumptionOrder: ['CustomIdentity'], CustomIdentities: [identity] },
        Mds: { Endpoint: endpoint, CommandWorkersLimit: 5, StopTimeoutMillis: 20_000, CommandRetryLimit: 15 },
        Ssm: { Endpoint: endpoint, HealthFrequencyMinutes: 5 },
        Mgs: { Endpoint: endpoint, Region: REGION },
      }),
      { mode: 0o600 },
    );
  }

  /** The agent that run.sh found. @throws Error when the test was not started by it. */
  static get executable(): string {
    const found = process.env['AGENT_UNDER_TEST'];
    if (!found) throw new Error('This test needs namespaces of its own: start it with `npm run test:agent`.');
    return found;
  }

  /** Such as 3.3.4624.0. */
  static version(): string {
    const said = execFileSync(RealAgent.executable, ['-version'], { encoding: 'utf8' });
    const version = /(\d+\.\d+\.\d+\.\d+)/.exec(said)?.[1];
    if (!version)
      throw new Error(`${RealAgent.executable} -version says "${said}", which is no version of an SSM agent.`);
    return version;
  }

  start(): void {
    const { caFile, environment } = this.options;
    this.process = spawn(RealAgent.executable, [], {
      // No HOME, as under systemd.
      env: {
        ...environment,
        SSL_CERT_FILE: caFile,
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
      },
      stdio: 'ignore',
    });
  }

  /** SIGKILL to the agent and its worker, as when they crash; what runs a script's document goes on. */
  async kill(): Promise<void> {
    const agent = this.process;
    if (!agent?.pid) return;
    const ended = new Promise((resolve) => agent.once('exit', resolve));
    for (const pid of [agent.pid, ...childrenOf(agent.pid)]) process.kill(pid, 'SIGKILL');
    await ended;
  }

  /** The end of its log: what a failing test shows. */
  static log(): string {
    try {
      return readFileSync(LOG, 'utf8').split('\n').slice(-60).join('\n');
    } catch {
      return `There is no ${LOG}.`;
    }
  }
}

/** Of the agent there is one: its worker. The processes that run documents are children of that. */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        // The name, in parentheses, may contain anything; the parent's id is the second field behind it.
        return (
          Number(
            readFileSync(`/proc/${pid}/stat`, 'utf8')
              .replace(/^.*\) /s, '')
              .split(' ')[1],
          ) === parent
        );
      } catch {
        return false;
      }
    });
}
