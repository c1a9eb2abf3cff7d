import pc from 'picocolors';
import type { ApiClient } from './api/client';
import type { ExitCode } from './exit';
import type { Io } from './io';

/** What an action gets: the API, and how to answer. */
export interface Context {
  io: Io;
  api: ApiClient;
  json: boolean;
  colors: ReturnType<typeof pc.createColors>;
  /** The API's answer: as JSON where that is wanted, else as `text` says. */
  answer(value: unknown, text: () => string | Promise<string>): Promise<void>;
  /** Time zone in which people read this cluster's times; UTC where it is not known. */
  zoneOf(cluster: string | undefined): Promise<string>;
}

/** Ends the command with this code; nothing: 0. */
export type Action<Arguments extends unknown[]> = (
  context: Context,
  ...args: Arguments
) => Promise<ExitCode | undefined | void>;

export async function makeContext(io: Io, json: boolean): Promise<Context> {
  const api = await io.connect();
  return {
    ...{ io, api, json },
    colors: pc.createColors(io.colors && !json),
    answer: async (value, text) => io.out(json ? JSON.stringify(value, null, 2) : await text()),
    zoneOf: async (cluster) => {
      if (cluster === undefined) return 'UTC';
      const status = await api.call('describeCluster', { parameters: { cluster } }).catch(() => undefined);
      return status?.timeZone ?? 'UTC';
    },
  };
}
