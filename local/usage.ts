/** What a run cost, in the units that AWS bills or limits. */
export interface Usage {
  stateTransitions: number;
  lambdaInvocations: number;
  /** By `service:Action`. */
  apiCalls: Record<string, number>;
}
