/** What a function answers by failing, so that its state machine goes another way without a Choice after each good answer. */
export class NamedError extends Error {
  /** @param name what the state machine catches */
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}
