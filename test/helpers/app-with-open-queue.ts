import type { Stack } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { autopilotApp } from '../../lib/autopilot-app';

/** The app with something that cdk-nag has to find: a program of its own, because loading the CDK takes long inside Jest. */
const app = autopilotApp();
new Queue(app.node.findChild('Autopilot') as Stack, 'Open');
app.synth();
