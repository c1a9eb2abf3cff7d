import completion from '@bomb.sh/tab';
import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import type { ApiClient } from './api/client';
import type { Io } from './io';

/** Who waits for a completion types on after that: no names then. */
const LONGEST_MS = 2_000;

/** What the API knows that an argument may name. */
const NAMES: Record<string, (api: ApiClient, command: string) => Promise<string[]>> = {
  cluster: async (api) => (await api.call('listClusters')).clusters.map(({ cluster }) => cluster),
  operation: async (api, command) => {
    const query = command === 'report' ? {} : { status: 'RUNNING' as const };
    return (await api.call('listOperations', { query })).operations.map(({ id }) => id);
  },
};

/** Adds `completion SHELL`, which prints a script, and `complete`, which that script calls. */
export function addCompletion(program: Command, io: Io): void {
  tab(program, { completionCommandName: 'completion' });
  const ofName = (name: string) => program.commands.find((command) => command.name() === name)!;
  ofName('completion').hook('preAction', ({ args }) => void (args[0] === 'bash' && io.out(WITHOUT_BASH_COMPLETION)));
  ofName('complete').hook('preAction', async ({ processedArgs }) => {
    const [words] = processedArgs as [string[]];
    const { command, argument: wanted = '' } = argumentAt(program, words);
    const names = await namesFor(wanted, command, io);
    for (const { arguments: known } of completion.commands.values()) {
      const argument = known.get(wanted);
      if (argument) argument.handler = (complete) => names.forEach((name) => complete(name, ''));
    }
  });
}

/**
 * The argument of a command that the last of these words is: a name that the API may know. Puts the names of commands in place of their
 * aliases, of which the library that completes knows nothing.
 */
function argumentAt(program: Command, words: string[]): { command: string; argument?: string | undefined } {
  const before = words.slice(0, -1).filter((word) => !word.startsWith('-'));
  let command = program;
  while (before.length > 0) {
    const next = command.commands.find((one) => [one.name(), ...one.aliases()].includes(before[0]!));
    if (!next) break;
    command = next;
    words[words.indexOf(before.shift()!)] = next.name();
  }
  return { command: command.name(), argument: command.registeredArguments[before.length]?.name() };
}

/** Without a word where the API does not tell in time: a completion is no place for a sentence. */
async function namesFor(argument: string, command: string, io: Io): Promise<string[]> {
  const ask = Object.hasOwn(NAMES, argument) ? NAMES[argument] : undefined;
  if (!ask) return [];
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<string[]>((resolve) => (timer = setTimeout(resolve, LONGEST_MS, [])));
  try {
    return await Promise.race([io.connect().then((api) => ask(api, command)), tooLate]);
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
  }
}

/** What the completion for bash takes from the package bash-completion, where that is not installed. */
const WITHOUT_BASH_COMPLETION = `declare -F _get_comp_words_by_ref >/dev/null || _get_comp_words_by_ref() {
    cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD
}
`;
