import type { ApiClient } from '../../cli/api/client';
import type { Io } from '../../cli/io';
import { runCli } from '../../cli/program';
import type { World } from '../operations/helpers/world';

/** The command line as it is, with what a person would see. Time passes while it waits for an operation. */
export const cliOf =
  (world: World, api: ApiClient) =>
  async (line: string | string[], more: Partial<Io> = {}) => {
    const said = { out: [] as string[], note: [] as string[] };
    const io: Io = {
      out: (text) => said.out.push(text),
      note: (text) => said.note.push(text),
      colors: false,
      connect: async () => api,
      now: () => world.aws.clock.now(),
      pause: () => passSomeTime(world),
      ...more,
    };
    const code = await runCli(io, typeof line === 'string' ? line.split(' ') : line);
    return { code, out: said.out.join('\n'), note: said.note.join('\n') };
  };

/** As much as an operation that runs waits for, and no more: schedules of the next day would fire. */
async function passSomeTime(world: World): Promise<void> {
  const machines = ['check-certificates', 'renew-certificates'] as const;
  let looks = 0;
  await world.passUntil(() => (looks += 1) > 3 || machines.every((machine) => world.runningOf(machine).length === 0));
}
