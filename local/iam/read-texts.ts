/** A policy's list of texts; one text stands for a list of one. @throws Error naming `where` for anything else. */
export function readTexts(raw: unknown, where: string): string[] {
  const texts = Array.isArray(raw) ? raw : [raw];
  for (const text of texts) {
    if (typeof text !== 'string')
      throw new Error(`${where} must be text or a list of texts, not ${JSON.stringify(raw)}.`);
    if (text.includes('${'))
      throw new Error(`${where} uses the policy variable ${text}, which the local AWS does not support.`);
  }
  return texts as string[];
}
