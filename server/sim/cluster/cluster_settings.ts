/** How the nodes of a simulated cluster are set: sessions, intervals and sizes so short that much happens in a few seconds. */
import { SESSION_MS } from '../consumer_member.ts'

type Settings = ReadonlyMap<string, string>

/** Every third world makes a snapshot of its metadata every few records. */
export const controllerSettings = (seed: number): Settings =>
  new Map([
    ['broker.session.timeout.ms', '1500'],
    ['metadata.log.max.record.bytes.between.snapshots', seed % 3 === 0 ? '3000' : '20971520'],
    ['min.insync.replicas', '2'],
    ['leader.imbalance.check.interval.seconds', '2'],
    ['offsets.topic.num.partitions', '2'],
  ])

const RICH: [string, string][] = [
  ['num.replica.fetchers', '2'],
  ['log.initial.task.delay.ms', '200'],
  ['log.retention.check.interval.ms', '300'],
  ['log.flush.offset.checkpoint.interval.ms', '700'],
  ['replica.high.watermark.checkpoint.interval.ms', '300'],
]

/** `rich`: with what brokers do besides, again and again. */
export const brokerSettings = (
  controller: { readonly id: number; readonly host: string; readonly port: number },
  rich: boolean,
): Settings =>
  new Map([
    ['process.roles', 'broker'],
    ['controller.quorum.voters', `${controller.id}@${controller.host}:${controller.port}`],
    ['broker.heartbeat.interval.ms', '200'],
    ['broker.session.timeout.ms', '1500'],
    ['replica.lag.time.max.ms', '1000'],
    ['replica.fetch.backoff.ms', '50'],
    ['offsets.topic.num.partitions', '2'],
    ['offsets.topic.replication.factor', '3'],
    ['min.insync.replicas', '2'],
    ['log.cleaner.backoff.ms', '50'],
    ...(rich ? RICH : []),
    ['group.initial.rebalance.delay.ms', '0'],
    ['group.min.session.timeout.ms', '1000'],
    ['group.consumer.min.session.timeout.ms', '1000'],
    ['group.consumer.session.timeout.ms', String(SESSION_MS)],
    ['group.consumer.min.heartbeat.interval.ms', '1000'],
    ['group.consumer.heartbeat.interval.ms', '1000'],
    ['group.consumer.assignment.interval.ms', '50'],
  ])
