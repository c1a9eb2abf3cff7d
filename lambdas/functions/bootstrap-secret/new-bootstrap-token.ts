import { randomInt } from 'node:crypto';

const CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** A token in the form that Kubernetes demands: six characters, a dot, sixteen characters (82 bits that nobody can guess). */
export function newBootstrapToken(): string {
  return `${characters(6)}.${characters(16)}`;
}

function characters(howMany: number): string {
  return Array.from({ length: howMany }, () => CHARACTERS[randomInt(CHARACTERS.length)]).join('');
}
