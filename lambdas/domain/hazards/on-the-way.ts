import { minorOf } from '../versions/version';
import { hazardsOf } from './hazards';
import type { MinorHazards } from './minor-hazards';

/** The hazards of the minors that a cluster passes, in order. */
export const hazardsOnTheWay = (versions: string[]): MinorHazards[] =>
  [...new Set(versions.map(minorOf))].flatMap((minor) => hazardsOf(minor) ?? []);
