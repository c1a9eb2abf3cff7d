/** One thing that is wrong with a definition. */
export interface Problem {
  code: 'INVALID_JSON_DESCRIPTION' | 'SCHEMA_VALIDATION_FAILED' | 'MISSING_TRANSITION_TARGET' | 'DUPLICATE_STATE_NAME';
  /** Path in the definition, such as /States/Ask/Retry[0]/MaxAttempts. */
  location: string;
  message: string;
}

export class Problems {
  readonly all: Problem[] = [];

  add(location: string, message: string, code: Problem['code'] = 'SCHEMA_VALIDATION_FAILED'): void {
    this.all.push({ code, location: location || '/', message });
  }

  /** The text of InvalidDefinition. */
  toString(): string {
    return this.all.map(({ code, location, message }) => `${code}: ${message} at ${location}`).join(', ');
  }
}
