import type { UserErrorName } from '../contracts/failures';

/** An error that a user can cause or fix. Lambda reports its name as errorType, which Step Functions catches and shows. */
export class UserError extends Error {
  /** @param message one sentence: what was got, what was expected, what to do. */
  constructor(name: UserErrorName, message: string) {
    super(message);
    this.name = name;
  }
}
