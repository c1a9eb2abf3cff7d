import { autopilotApp } from '../lib/autopilot-app';
import { InvalidClusters } from '../lib/clusters/clusters';

try {
  autopilotApp().synth();
} catch (error) {
  // The sentences alone: where in this program they come from helps nobody.
  if (!(error instanceof InvalidClusters)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
