import { minorHazards } from './minor-hazards';
import type { MinorHazards } from './minor-hazards';
import { minor134 } from './minors/1.34';
import { minor135 } from './minors/1.35';
import { minor136 } from './minors/1.36';
import { minor137 } from './minors/1.37';

/** Every minor that a cluster can be upgraded to, oldest first. A new one is a file in minors/ and its line here. */
export const MINORS: MinorHazards[] = [minor134, minor135, minor136, minor137].map((one) => minorHazards.parse(one));

/** @param minor 37 for 1.37 */
export const hazardsOf = (minor: number | undefined): MinorHazards | undefined =>
  MINORS.find((one) => one.minor === `1.${minor}`);

/** "1.34 to 1.37" */
export const knownMinors = (): string => `${MINORS[0]?.minor} to ${MINORS.at(-1)?.minor}`;

/** Why a release must not be installed; undefined when nothing is known against it. */
export const badVersion = (version: string): MinorHazards['badVersions'][number] | undefined =>
  MINORS.flatMap(({ badVersions }) => badVersions).find((bad) => bad.version === version);
