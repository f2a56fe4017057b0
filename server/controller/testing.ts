/** A controller on a simulated machine, and who asks it as brokers do. */
import { BrokerConnection } from '../client/connection.ts'
import { Simulation } from '../env/sim.ts'
import type { DiskOptions } from '../env/sim_disk.ts'
import { supportedFeatures } from '../metadata/features.ts'
import type { Api } from '../protocol/api.ts'
import type { Fetch } from '../protocol/messages/01_fetch.ts'
import { BrokerRegistration } from '../protocol/messages/62_broker_registration.ts'
import { BrokerHeartbeat } from '../protocol/messages/63_broker_heartbeat.ts'
import type { Fields, Infer, Input, Message } from '../protocol/schema.ts'
import { type ControllerNode, startController } from './controller.ts'
import { METADATA_TOPIC_ID } from './metadata_log.ts'

export const ADDRESS = { host: 'controller', port: 9093 }

export function stage(o: { seed?: number; disk?: Partial<DiskOptions> } = {}) {
  const sim = new Simulation(o.seed ?? 1)
  const machine = sim.machine(ADDRESS.host, o.disk)
  const lines: string[] = []
  const downs: Error[] = []
  const wait = <T>(promise: Promise<T>): Promise<T> => sim.time.runUntilSettled(promise)
  let node: ControllerNode | undefined
  /** Of a process on a machine of its own. */
  const peer = (name: string) => {
    const env = sim.machine(name).boot()
    let connection: BrokerConnection | undefined
    const connect = () =>
      wait(
        BrokerConnection.open(env, ADDRESS, {
          clientId: name,
          requestTimeoutMs: 30_000,
          connectTimeoutMs: 1_000,
          maxResponseBytes: 1 << 28,
        }),
      )
    return {
      connect,
      /** Asks in that version, or the highest; over a connection that is kept. Does not move the clock. */
      async send<Q extends Fields, S extends Fields>(
        api: Api<Q, S>,
        body: Input<Message<Q>>,
        version?: number,
      ): Promise<Infer<Message<S>>> {
        connection = connection?.ended === undefined && connection !== undefined ? connection : await connect()
        return connection.send(api, body, version === undefined ? {} : { minVersion: version, maxVersion: version })
      },
      ask<Q extends Fields, S extends Fields>(api: Api<Q, S>, body: Input<Message<Q>>, version?: number) {
        return wait(this.send(api, body, version))
      },
      /** Closes its connection: what the system does when a process ends. */
      hangUp(): void {
        connection?.close()
      },
    }
  }
  return {
    sim,
    machine,
    lines,
    /** Why its nodes went down by themselves. */
    downs,
    wait,
    peer,
    get node(): ControllerNode {
      return node!
    },
    get disk() {
      return machine.boot().disk
    },
    async start(settings: Record<string, string> = {}): Promise<ControllerNode> {
      node = await wait(
        startController({
          env: machine.boot(),
          nodeId: 3000,
          dataDir: '/controller',
          ...ADDRESS,
          settings: new Map(Object.entries(settings)),
          spoilBlocks: true,
          write: (line) => lines.push(line.replace(/^\S+ /, '')),
          onDown: (error) => downs.push(error),
        }),
      )
      return node
    },
    async stop(): Promise<void> {
      await wait(node!.stop())
      machine.kill()
    },
  }
}

export type Peer = ReturnType<ReturnType<typeof stage>['peer']>

export const fetchRequest = (at: {
  offset: number
  lastFetchedEpoch?: number
  leaderEpoch: number
  replicaId?: number
  maxWaitMs?: number
  maxBytes?: number
  highWatermark?: number
  clusterId?: string
}): Input<typeof Fetch.request> => ({
  replicaId: at.replicaId ?? 1,
  maxWaitMs: at.maxWaitMs ?? 0,
  minBytes: 0,
  maxBytes: at.maxBytes ?? 8 << 20,
  isolationLevel: 0,
  sessionId: 0,
  sessionEpoch: -1,
  topics: [
    {
      topicId: METADATA_TOPIC_ID,
      topic: '__cluster_metadata',
      partitions: [
        {
          partition: 0,
          currentLeaderEpoch: at.leaderEpoch,
          fetchOffset: at.offset,
          lastFetchedEpoch: at.lastFetchedEpoch ?? 0,
          partitionMaxBytes: 0,
          ...(at.highWatermark !== undefined && { highWatermark: at.highWatermark }),
        },
      ],
    },
  ],
  forgottenTopicsData: [],
  rackId: '',
  clusterId: at.clusterId ?? null,
  replicaState: { replicaId: at.replicaId ?? 1, replicaEpoch: -1 },
})

export const partitionOf = (answer: Infer<typeof Fetch.response>) => answer.responses[0]!.partitions[0]!

export const createTopic = (name: string, replicationFactor: number) => ({
  topics: [{ name, numPartitions: 1, replicationFactor, assignments: [], configs: [] }],
  timeoutMs: 30_000,
  validateOnly: false,
})

/** Registers a broker and lets it in; returns its epoch. */
export async function join(
  peer: Peer,
  brokerId: number,
  clusterId: string,
  o: { incarnationId?: string; port?: number } = {},
): Promise<number> {
  const { brokerEpoch, errorCode } = await peer.ask(BrokerRegistration, {
    brokerId,
    clusterId,
    incarnationId: o.incarnationId ?? `AAAAAAAAAAAAAAAAAAAA${brokerId}A`,
    listeners: [{ name: 'PLAINTEXT', host: `broker${brokerId}`, port: o.port ?? 9092, securityProtocol: 0 }],
    features: supportedFeatures(),
    rack: null,
    isMigratingZkBroker: false,
    logDirs: [`BBBBBBBBBBBBBBBBBBBB${brokerId}A`],
    previousBrokerEpoch: -1,
  })
  if (errorCode !== 0) throw new Error(`broker ${brokerId} was not registered: ${errorCode}`)
  await heartbeat(peer, brokerId, brokerEpoch)
  return brokerEpoch
}

export const heartbeat = (
  peer: Peer,
  brokerId: number,
  brokerEpoch: number,
  o: { wantShutDown?: boolean; metadataOffset?: number } = {},
) =>
  peer.ask(BrokerHeartbeat, {
    brokerId,
    brokerEpoch,
    currentMetadataOffset: o.metadataOffset ?? brokerEpoch,
    wantFence: false,
    wantShutDown: o.wantShutDown ?? false,
    offlineLogDirs: [],
    cordonedLogDirs: null,
  })
