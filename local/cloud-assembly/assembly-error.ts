/** The cloud assembly asks for something that the local AWS does not have; the message names where, what and what there is. */
export class AssemblyError extends Error {
  override name = 'AssemblyError';
}
