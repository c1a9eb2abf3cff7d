import { format } from 'prettier';

/** As the project formats JSON. */
export const render = (document: unknown): Promise<string> =>
  format(JSON.stringify(document), { parser: 'json', printWidth: 120 });
