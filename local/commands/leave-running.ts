import { InvalidArgumentError } from 'commander';
import type { LocalAws } from '../local-aws';
import { CleanUp } from './interrupt';

/** What a person tries first with a local AWS that stays. */
export function howToUse(aws: LocalAws, cluster: string): string {
  return `In another terminal:

  export AWS_ENDPOINT_URL=${aws.endpoint} AWS_REGION=eu-central-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
  npm run autopilot -- status ${cluster}
  npm run autopilot -- doctor ${cluster}
  npm run autopilot -- check ${cluster}
  npm run autopilot -- history ${cluster}
  npm run autopilot -- --help
  aws stepfunctions start-execution --state-machine-arn ${aws.physicalId('Autopilot/CheckCertificates')} --input '{"cluster":"${cluster}"}'
`;
}

/** Runs a command that starts something and leaves it running until Ctrl-C; what it started is ended when it fails, too. */
export async function leaveRunning(start: (cleanUp: CleanUp) => Promise<void>): Promise<void> {
  const cleanUp = new CleanUp();
  cleanUp.onSignals();
  try {
    await start(cleanUp);
  } catch (error) {
    console.error((error as Error).message);
    await cleanUp.run();
    process.exitCode = 1;
  }
}

export function port(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0 || value > 65535)
    throw new InvalidArgumentError('Expected a whole number from 0 to 65535.');
  return value;
}
