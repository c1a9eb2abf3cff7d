import { assessMinorInput, type AssessedMinor } from '../../contracts/upgrade-outcomes';
import { logger, parsePayload } from '../../runtime/lambda';
import { assessMinor } from './assess-minor';

/** Asked again and again, once the control planes of a minor are done. */
export async function handler(payload: unknown): Promise<AssessedMinor> {
  const input = parsePayload(assessMinorInput, payload);
  const assessed = assessMinor(input);
  logger.info('Control plane assessed', { cluster: input.cluster, version: input.version, next: assessed.next });
  return assessed;
}
