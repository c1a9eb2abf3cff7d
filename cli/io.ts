import type { ApiClient } from './api/client';

/** What a command needs of the world around it: the terminal, the API, the time. */
export interface Io {
  /** A line (or several) on stdout: answers. */
  out(text: string): void;
  /** On stderr: what goes on, and what went wrong. */
  note(text: string): void;
  /** Replaces what it has drawn before; absent where stdout is no terminal. */
  draw?: ((frame: string) => void) | undefined;
  /** Asks a yes/no question; absent where standard input is not a terminal. */
  ask?: ((question: string) => Promise<boolean>) | undefined;
  colors: boolean;
  connect(): Promise<ApiClient>;
  now(): Date;
  /** Between two looks at an operation that runs. */
  pause(): Promise<void>;
}
