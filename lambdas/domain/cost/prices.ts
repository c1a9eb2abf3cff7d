/** AWS list prices in US dollars (us-east-1, without free tiers). Run Command itself costs nothing on EC2. */
export const DOLLARS = {
  /** Standard workflows of Step Functions. */
  stateTransition: 0.025 / 1000,
  lambdaInvocation: 0.2 / 1_000_000,
  /** A second of a Lambda function of this app: arm64, 512 MB. */
  lambdaSecond: 0.0000133334 / 2,
} as const;

/** What an operation has used, as Step Functions' histories tell it. */
export interface CountedUsage {
  stateTransitions: number;
  lambdaInvocations: number;
  lambdaSeconds: number;
}

export const dollarsOf = ({ stateTransitions, lambdaInvocations, lambdaSeconds }: CountedUsage): number =>
  rounded(
    stateTransitions * DOLLARS.stateTransition +
      lambdaInvocations * DOLLARS.lambdaInvocation +
      lambdaSeconds * DOLLARS.lambdaSecond,
  );

/** To a hundredth of a cent. */
export const rounded = (dollars: number): number => Math.round(dollars * 10_000) / 10_000;
