import type { Block } from './blocks';

export interface Message {
  channel: string;
  ts: string;
  /** The app, or a user's id. */
  from: string;
  text: string;
  blocks: Block[];
  /** Time stamp of the message in whose thread it is. */
  thread?: string | undefined;
  /** Only this user sees it. */
  only?: string | undefined;
  edits: number;
}

/** What a workspace of Slack knows: channels with the app in them, user groups, messages. */
export class Workspace {
  readonly messages: Message[] = [];
  /** Heard after each message that is posted or edited. */
  onChange: (message: Message) => void = () => undefined;
  private count = 0;

  constructor(
    readonly id: string,
    /** Channels of which the app is a member. */
    readonly channels: Set<string>,
    /** Members of each user group. */
    readonly groups: Map<string, string[]> = new Map(),
    /** Of people and channels, by id. */
    readonly names: Map<string, string> = new Map(),
  ) {}

  post(message: Omit<Message, 'ts' | 'edits'>): Message {
    const posted = { ...message, ts: `${1_900_000_000 + (this.count += 1)}.000100`, edits: 0 };
    this.messages.push(posted);
    this.onChange(posted);
    return posted;
  }

  edit(channel: string, ts: string, change: Pick<Message, 'text' | 'blocks'>): boolean {
    const message = this.messages.find((one) => one.channel === channel && one.ts === ts && one.only === undefined);
    if (!message) return false;
    Object.assign(message, change, { edits: message.edits + 1 });
    this.onChange(message);
    return true;
  }
}
