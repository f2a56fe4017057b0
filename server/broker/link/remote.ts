/**
 * The link to controllers that are elsewhere (`process.roles=broker`): what they commit is followed in a replica of the metadata log, what
 * they decide is asked for over the network. While none can be reached the image stays as it is, and who asks is told so in time.
 */
import type { ControllerHandler } from '../../controller/handler.ts'
import { isOutOfRoom } from '../../log/disk_room.ts'
import type { Subscriber } from '../../metadata/controller.ts'
import type { MetadataImage } from '../../metadata/image.ts'
import { highestVersion } from '../../protocol/api.ts'
import { errorCode, errorOf, KafkaError } from '../../protocol/errors.ts'
import { Envelope } from '../../protocol/messages/58_envelope.ts'
import { BrokerRegistration } from '../../protocol/messages/62_broker_registration.ts'
import { BrokerHeartbeat } from '../../protocol/messages/63_broker_heartbeat.ts'
import type { Fields, Infer, Input, Message } from '../../protocol/schema.ts'
import { MalformedError } from '../../protocol/wire.ts'
import type { Answer } from '../../rpc/handler.ts'
import type { ControllerLink, ForwardedCall, LinkOptions } from '../controller_link.ts'
import { Channel } from './channel.ts'
import { askClusterId } from './cluster_id.ts'
import { unwrap, wrap } from './envelope.ts'
import { MetadataFetcher } from './metadata_fetcher.ts'
import { MetadataReplica } from './metadata_replica.ts'
import { QuorumNodes, quorumAddresses } from './quorum_nodes.ts'
import { readQuorumEpoch, writeQuorumState } from './quorum_state.ts'

export async function openRemoteLink(o: LinkOptions): Promise<RemoteLink> {
  const { env, nodeId, configs, log } = o
  const { broker } = configs
  const { voters, bootstrap } = quorumAddresses(broker)
  const clusterId =
    o.clusterId ??
    (await askClusterId({
      env,
      quorum: new QuorumNodes({ voters, bootstrap, epoch: 0 }),
      clientId: String(nodeId),
      timeoutMs: broker['initial.broker.registration.timeout.ms'],
      log,
    }))
  const logs = o.openLogs(clusterId)
  const replica = await MetadataReplica.open({ env, configs, logs, log })
  const epoch = Math.max(readQuorumEpoch(env.disk, replica.folder), replica.position.lastEpoch)
  const quorum = new QuorumNodes({ voters, bootstrap, epoch })
  return new RemoteLink(o, { replica, quorum, voters: [...voters.keys()], directoryId: logs.directoryId, clusterId })
}

export class RemoteLink implements ControllerLink {
  private readonly replica: MetadataReplica
  private readonly fetcher: MetadataFetcher
  /** For what clients want decided. */
  private readonly forwards: Channel
  /** For what this broker wants itself: it does not wait behind clients, or for what they have used up. */
  private readonly own: Channel
  /** For registration and heartbeats: the controller takes the end of this connection for the end of the broker. */
  private readonly life: Channel

  constructor(
    o: LinkOptions,
    parts: {
      readonly replica: MetadataReplica
      readonly quorum: QuorumNodes
      readonly voters: readonly number[]
      readonly directoryId: string
      readonly clusterId: string
    },
  ) {
    const { env, nodeId, configs, log } = o
    const { replica, quorum } = parts
    this.replica = replica
    const clientId = String(nodeId)
    const timeoutMs = () => configs.broker['request.timeout.ms']
    this.forwards = new Channel({ env, quorum, clientId, timeoutMs })
    this.own = new Channel({ env, quorum, clientId, timeoutMs })
    // A request that hangs must leave time for another before the session ends.
    const lifeMs = () => configs.broker['broker.session.timeout.ms'] / 2
    this.life = new Channel({ env, quorum, clientId, timeoutMs: lifeMs })
    this.fetcher = new MetadataFetcher({
      ...{ env, nodeId, quorum, replica, log },
      clusterId: parts.clusterId,
      directoryId: parts.directoryId,
      config: () => configs.broker,
      onEpoch: () => {
        const { leaderId, leaderEpoch } = quorum
        try {
          writeQuorumState(env.disk, replica.folder, { leaderId, leaderEpoch, voters: parts.voters })
          quorum.epochWritten()
        } catch (error) {
          // It is tried again after the next fetch.
          if (!isOutOfRoom(error)) throw error
        }
      },
      onRefused: (error) => this.life.refuse(error),
      onDown: (error) => {
        log.error(`the metadata of the cluster cannot be followed any more, so this broker leaves it: ${error.message}`)
        this.close()
        o.onDown(error)
      },
    })
    this.fetcher.start()
  }

  get image(): MetadataImage {
    return this.replica.committed.image
  }

  get metadataOffset(): number {
    return this.replica.appliedOffset
  }

  subscribe(fn: Subscriber): () => void {
    return this.replica.committed.subscribe(fn)
  }

  async forward<Q extends Fields, S extends Fields>(
    h: ControllerHandler<Q, S>,
    request: Infer<Message<Q>>,
    call: ForwardedCall,
  ): Promise<Answer<S>> {
    const isLost = (answer: { errorCode: number }) => answer.errorCode === errorCode.NOT_CONTROLLER
    const answer = await told(this.forwards.send(Envelope, wrap(h.api, request, call), isLost))
    if (answer.errorCode !== 0) throw new KafkaError(errorOf(answer.errorCode))
    try {
      return unwrap(h.api, call.version, answer.responseData ?? Buffer.alloc(0)) as Answer<S>
    } catch (error) {
      if (!(error instanceof MalformedError || error instanceof RangeError)) throw error
      throw new KafkaError('UNKNOWN_SERVER_ERROR', `The controller's answer cannot be read: ${error.message}`)
    }
  }

  async ask<Q extends Fields, S extends Fields>(
    { api }: ControllerHandler<Q, S>,
    request: Input<Message<Q>>,
  ): Promise<Infer<Message<S>>> {
    const ofLife = api.key === BrokerRegistration.key || api.key === BrokerHeartbeat.key
    const channel = ofLife ? this.life : this.own
    const code = (answer: Infer<Message<S>>) => (answer as { errorCode?: number }).errorCode ?? 0
    const isLost = (answer: Infer<Message<S>>) => code(answer) === errorCode.NOT_CONTROLLER
    const answer = await channel.send(api, request, isLost, { maxVersion: highestVersion(api) })
    if (code(answer) !== 0) throw new KafkaError(errorOf(code(answer)))
    return answer
  }

  close(): void {
    this.fetcher.close()
    this.forwards.close()
    this.own.close()
    this.life.close()
    this.replica.close()
  }
}

/** A client does not know this connection: that it broke means to it that the answer did not come in time. */
async function told<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof KafkaError) || error.error !== 'NETWORK_EXCEPTION') throw error
    throw new KafkaError('REQUEST_TIMED_OUT', 'The controller ended the connection before it answered.')
  }
}
