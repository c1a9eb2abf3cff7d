/** A JSONata expression as a value in a state: evaluated when the state is entered or left. */
export const jsonata = (expression: string) => `{% ${expression} %}`;
