/**
 * What a broker knows of the controllers' quorum: where its nodes are, and who leads it in which epoch (KIP-595, KIP-853). It only
 * remembers; who asks whom is `metadata_fetcher.ts`.
 */
import type { BrokerConfig } from '../../config/resolve.ts'
import { StartError } from '../../rpc/start_error.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

export class QuorumNodes {
  private epoch: number
  private writtenEpoch: number
  private leader = -1
  /** Node ids to addresses: the fixed voters, and whoever an answer has named. */
  private readonly known: Map<number, Address>
  /** Whom to ask while no leader is known. */
  private readonly first: readonly Address[]
  private turn = 0
  private readonly waiting = new Set<() => void>()

  constructor(o: {
    readonly voters: ReadonlyMap<number, Address>
    readonly bootstrap: readonly Address[]
    readonly epoch: number
  }) {
    this.known = new Map(o.voters)
    this.first = o.bootstrap.length > 0 ? o.bootstrap : [...o.voters.values()]
    this.epoch = o.epoch
    this.writtenEpoch = o.epoch
  }

  get leaderEpoch(): number {
    return this.epoch
  }
  /** Node id, -1 while none is known. */
  get leaderId(): number {
    return this.leader
  }
  get leaderAddress(): Address | undefined {
    return this.known.get(this.leader)
  }

  /** Whom to fetch from: the leader, or else one after the other of those that may know it. */
  next(): Address {
    const leader = this.leaderAddress
    if (leader) return leader
    return this.first[this.turn++ % this.first.length]!
  }

  /** What an answer has told. Returns whether the epoch is newer than what is written down (`epochWritten`). */
  learn(
    { leaderId, leaderEpoch }: { readonly leaderId: number; readonly leaderEpoch: number },
    endpoints: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[],
  ): boolean {
    for (const { nodeId, host, port } of endpoints) if (host !== '') this.known.set(nodeId, { host, port })
    if (leaderEpoch < this.epoch) return false
    if (leaderEpoch > this.epoch) {
      this.epoch = leaderEpoch
      this.leader = -1
    }
    if (leaderId >= 0 && this.known.has(leaderId)) this.leader = leaderId
    if (this.leader >= 0) for (const wake of [...this.waiting]) wake()
    return this.epoch > this.writtenEpoch
  }

  /** The epoch that is known now is remembered after a restart. */
  epochWritten(): void {
    this.writtenEpoch = this.epoch
  }

  /** The leader cannot be reached, or does not lead: the others may know more. */
  forgetLeader(): void {
    this.leader = -1
  }

  /** Calls `fn` once a leader is named. Returns what ends that. */
  onLeader(fn: () => void): () => void {
    this.waiting.add(fn)
    return () => this.waiting.delete(fn)
  }
}

/** As `controller.quorum.voters` and `controller.quorum.bootstrap.servers` say. Throws a StartError, one sentence. */
export function quorumAddresses(config: BrokerConfig): {
  voters: Map<number, Address>
  bootstrap: Address[]
} {
  const voters = new Map<number, Address>()
  for (const item of config['controller.quorum.voters']) {
    const m = /^(\d+)@(.+)$/.exec(item.trim())
    const address = m && parseAddress(m[2]!)
    if (!address) throw new StartError(`controller.quorum.voters must be like 3000@localhost:9093, not ${item}.`)
    voters.set(Number(m[1]), address)
  }
  const bootstrap = config['controller.quorum.bootstrap.servers'].map((item) => {
    const address = parseAddress(item.trim())
    if (!address) throw new StartError(`controller.quorum.bootstrap.servers must be like localhost:9093, not ${item}.`)
    return address
  })
  if (voters.size === 0 && bootstrap.length === 0) {
    throw new StartError(
      'process.roles=broker needs controllers: name them with controller.quorum.bootstrap.servers or controller.quorum.voters.',
    )
  }
  return { voters, bootstrap }
}

function parseAddress(text: string): Address | undefined {
  const m = /^(?:\[([0-9A-Fa-f:.%]+)\]|([^:/\s[\]]+)):(\d{1,5})$/.exec(text)
  const port = Number(m?.[3])
  return m && port > 0 && port <= 65535 ? { host: (m[1] ?? m[2])!, port } : undefined
}
