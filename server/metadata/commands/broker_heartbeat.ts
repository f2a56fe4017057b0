/**
 * BrokerHeartbeat (63): a broker lives. It asks to serve, not to serve, or to stop, and tells which of its log directories have failed
 * (KIP-631, KIP-841, KIP-858). One that wants to stop gives up what it leads first, and may go when the others know of it.
 *
 * A broker of which every directory has failed is fenced: Kafka's would have stopped. Of one that is alone the registration says LOST.
 *
 * One that serves and asks to be fenced, as one with a full disk does, gives up what others in sync can lead, is in sync nowhere where
 * others are, and serves the rest: nothing is without a leader for its sake, where Kafka's controllers fence it whatever it costs.
 * Where all who are in sync ask so, as on a disk that they share, everything stays as it is.
 */
import { errorCode } from '../../protocol/errors.ts'
import type { BrokerHeartbeat } from '../../protocol/messages/63_broker_heartbeat.ts'
import type { Infer, Input } from '../../protocol/schema.ts'
import type { BrokerSessions } from '../broker_sessions.ts'
import type { ControllerContext, MetadataCommand } from '../context.ts'
import { LOST } from '../directory_id.ts'
import type { BrokerRegistration, MetadataImage, PartitionImage } from '../image.ts'
import type { MetadataRecord } from '../record_codec.ts'
import { METADATA_VERSION } from '../record_versions.ts'
import { checkBrokerEpoch } from './check_broker_epoch.ts'
import {
  AGAIN,
  instead,
  isAlone,
  leadsAnything,
  oneBatch,
  registrationChange,
  withBroker,
  withoutBroker,
} from './leadership.ts'

type Request = Infer<typeof BrokerHeartbeat.request>
type Response = Input<typeof BrokerHeartbeat.response>

type State = 'fenced' | 'serving' | 'shuttingDown' | 'mayStop'

export interface LiveBrokers {
  readonly sessions: BrokerSessions
  /** Exclusive: the end of what has been decided. */
  endOffset(): number
}

export const brokerHeartbeat =
  (
    request: Request,
    { settings }: ControllerContext,
    { sessions, endOffset }: LiveBrokers,
  ): MetadataCommand<Response | typeof AGAIN> =>
  (image) => {
    const { brokerId, currentMetadataOffset } = request
    const broker = checkBrokerEpoch(image, brokerId, request.brokerEpoch)
    const isCaughtUp = currentMetadataOffset >= broker.brokerEpoch
    const offline = new Set(request.offlineLogDirs)
    const failed = new Set(broker.logDirs.filter((id) => offline.has(id)))
    const isLeft = broker.logDirs.some((id) => id !== LOST && !failed.has(id))
    const hasFailed = broker.logDirs.length > 0 && !isLeft && !isAlone(image, brokerId)
    const wantFence = hasFailed || (broker.fenced && request.wantFence)
    const next = nextState(image, broker, { ...request, wantFence }, sessions)
    const wantsFence = request.wantFence && next.state === 'serving'
    // Before anything is written, which may fail for want of room: it has been heard all the same.
    if (wantsFence) sessions.touch(brokerId, currentMetadataOffset, { wantsFence })

    const { records, more } = oneBatch(consequences())
    const change = () => {
      if (next.state === 'fenced' || next.state === 'mayStop') return sessions.end(brokerId)
      sessions.touch(brokerId, currentMetadataOffset, { wantsFence })
      const isNews = records.length > 0 || !sessions.isShuttingDown(brokerId)
      if (next.state === 'shuttingDown' && isNews) sessions.beginShutdown(brokerId, endOffset() - 1)
    }
    if (more) return { records, reply: AGAIN, ...(next.state === 'shuttingDown' && { change }) }
    const changes = {
      ...(next.changesFencing && { fenced: next.state === 'fenced' || next.state === 'mayStop' }),
      ...(next.state === 'shuttingDown' && !broker.inControlledShutdown && { inControlledShutdown: true as const }),
      // None in the record would mean that they are as they were. Kafka's controllers take no id from two brokers, not LOST either.
      ...(failed.size > 0 && isLeft && { logDirs: broker.logDirs.filter((id) => !failed.has(id)) }),
      ...(failed.size > 0 && !isLeft && isAlone(image, brokerId) && { logDirs: [LOST] }),
      ...(cordoned(image, broker, request) && { cordonedLogDirs: [...request.cordonedLogDirs!] }),
    }
    const record = registrationChange(broker, changes)
    // As Kafka orders them: who is fenced has lost everything before, who stops or serves is known as such first.
    if (Object.keys(changes).length > 0) {
      const first = next.state === 'serving' || next.state === 'shuttingDown'
      if (first) records.unshift(record)
      else records.push(record)
    }
    return {
      records,
      reply: {
        throttleTimeMs: 0,
        errorCode: errorCode.NONE,
        isCaughtUp,
        isFenced: next.state === 'fenced' || next.state === 'mayStop',
        shouldShutDown: next.state === 'mayStop',
      },
      change,
    }

    function* consequences(): Generator<MetadataRecord> {
      const stands = next.state === 'serving' || isAlone(image, brokerId)
      if (!stands && (next.changesFencing || next.state === 'shuttingDown')) {
        yield* withoutBroker(image, settings, brokerId)
      } else {
        if (failed.size > 0) yield* withoutBroker(image, settings, brokerId, isLost)
        if (next.state === 'serving' && next.changesFencing) {
          yield* withBroker(image, settings, brokerId, (p) => !isLost(p))
        }
        if (wantsFence && sessions.wishesAreSettled) {
          yield* instead(image, settings, brokerId, (id) => !sessions.wantsFence(id))
        }
      }
    }

    function isLost(p: PartitionImage): boolean {
      const directory = p.directories[p.replicas.indexOf(brokerId)]
      return directory !== undefined && failed.has(directory)
    }
  }

function nextState(
  image: MetadataImage,
  broker: BrokerRegistration,
  request: Request,
  sessions: BrokerSessions,
): { state: State; changesFencing: boolean } {
  const { wantFence, wantShutDown, currentMetadataOffset } = request
  const { brokerId } = broker
  if (broker.fenced) {
    if (wantShutDown) return { state: 'mayStop', changesFencing: false }
    // Who was about to stop registers anew before it serves again.
    const mayServe = !wantFence && !broker.inControlledShutdown && currentMetadataOffset >= broker.brokerEpoch
    return { state: mayServe ? 'serving' : 'fenced', changesFencing: mayServe }
  }
  const leads = () => !isAlone(image, brokerId) && leadsAnything(image, brokerId)
  if (sessions.isShuttingDown(brokerId)) {
    const mayStop = !leads() && sessions.mayStop(brokerId)
    return { state: mayStop ? 'mayStop' : 'shuttingDown', changesFencing: mayStop }
  }
  if (wantShutDown) {
    const mustMove = !wantFence && leads()
    return { state: mustMove ? 'shuttingDown' : 'mayStop', changesFencing: !mustMove }
  }
  return { state: wantFence ? 'fenced' : 'serving', changesFencing: wantFence }
}

/** Directories in which nothing new is to be put (KIP-1066), where they have changed. */
const cordoned = (image: MetadataImage, broker: BrokerRegistration, { cordonedLogDirs }: Request): boolean =>
  cordonedLogDirs !== null &&
  image.metadataVersion >= METADATA_VERSION.v4_3_0 &&
  !sameSet(cordonedLogDirs, broker.cordonedLogDirs ?? [])

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const inB = new Set(b)
  return a.length === b.length && a.every((id) => inB.has(id))
}
