import { planWavesInput, type Waves } from '../../contracts/upgrade-outcomes';
import { logger, parsePayload } from '../../runtime/lambda';
import { planWaves } from './plan-waves';

/** Asked when the turn of a group of workers has come. */
export async function handler(payload: unknown): Promise<Waves> {
  const input = parsePayload(planWavesInput, payload);
  const planned = planWaves(input);
  const left = planned.waves.reduce((sum, wave) => sum + wave.workers.length, 0);
  logger.info('Waves planned', { group: input.group.group, version: input.version, left, atOnce: planned.atOnce });
  return planned;
}
