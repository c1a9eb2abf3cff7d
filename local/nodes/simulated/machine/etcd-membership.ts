import { createHash } from 'node:crypto';

export interface EtcdMember {
  /** Hexadecimal without leading zeros, as etcdctl prints it. */
  id: string;
  name: string;
  peerUrl: string;
  clientUrl: string;
}

/** What a running member knows of itself. */
export interface RunningMember {
  /** Both ends of a connection between peers need certificates that are valid now. */
  peerCertificateIsValid(): boolean;
}

export interface EtcdStatus {
  clusterId: string;
  member: EtcdMember;
  /** Absent: this member knows no leader, so it can neither read nor write. */
  leader?: EtcdMember;
  term: number;
  raftIndex: number;
  revision: number;
}

/** Real elections take about a second. */
const ELECTION_MS = 200;

/** The members of one etcd cluster: who is up, who sees whom, who leads. */
export class EtcdMembership {
  readonly members: EtcdMember[] = [];
  private readonly running = new Map<string, RunningMember>();
  private leader?: string;
  private leaderSince = 0;
  private term = 1;
  private raftIndex = 1000;

  /** A new member of the cluster, not yet running. */
  add(name: string, ip: string): void {
    const peerUrl = `https://${ip}:2380`;
    const id = hash(`${peerUrl} ${name}`);
    this.members.push({ id, name, peerUrl, clientUrl: `https://${ip}:2379` });
  }

  /** Returns how to leave again. */
  start(name: string, member: RunningMember): () => void {
    this.running.set(name, member);
    return () => {
      if (this.running.get(name) === member) this.running.delete(name);
      this.followLeader();
    };
  }

  isRunning(name: string): boolean {
    return this.running.has(name);
  }

  /** As `etcdctl move-leader`, to a member that runs. */
  moveLeader(name: string): void {
    if (!this.members.some((member) => member.name === name)) {
      throw new RangeError(
        `No etcd member is called ${name}: there are ${this.members.map((m) => m.name).join(', ')}.`,
      );
    }
    this.followLeader();
    if (this.leader === name) return;
    this.leader = name;
    this.leaderSince = 0;
    this.term += 1;
  }

  get leaderName(): string | undefined {
    this.followLeader();
    return this.leader && Date.now() >= this.leaderSince ? this.leader : undefined;
  }

  status(name: string): EtcdStatus {
    const member = this.members.find((candidate) => candidate.name === name);
    if (!member) throw new RangeError(`No etcd member is called ${name}.`);
    const leader = this.connected().includes(name) ? this.leaderName : undefined;
    this.raftIndex += 1;
    return {
      clusterId: hash(this.members.map((each) => each.id).join(' ')),
      member,
      leader: this.members.find((candidate) => candidate.name === leader),
      term: this.term,
      raftIndex: this.raftIndex,
      revision: Math.floor(this.raftIndex / 2),
    };
  }

  /**
   * The members that see each other; empty without a majority. A running member whose peer certificate has run out counts as cut
   * off at once; a real one keeps the connections that it has until they break.
   */
  private connected(): string[] {
    const names = [...this.running].filter(([, member]) => member.peerCertificateIsValid()).map(([name]) => name);
    // One member alone needs no peers.
    if (this.members.length === 1) return [...this.running.keys()];
    return names.length > this.members.length / 2 ? names : [];
  }

  private followLeader(): void {
    const connected = this.connected();
    if (this.leader && connected.includes(this.leader)) return;
    const first = this.term === 1 && !this.leader;
    const candidates = this.members.map((member) => member.name).filter((name) => connected.includes(name));
    if (this.leader && candidates.length > 0) this.term += 1;
    this.leader = candidates[0];
    this.leaderSince = first ? 0 : Date.now() + ELECTION_MS;
  }
}

function hash(text: string): string {
  return createHash('sha1').update(text).digest('hex').slice(0, 16).replace(/^0+/, '');
}
