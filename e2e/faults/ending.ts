/**
 * How a cluster's run under load ends: the clients read to the end, Kafka's own tool looks at the replicas, the cluster stops, the judge
 * reads what the clients were told, and the replicas are compared byte for byte.
 */
import { readFileSync } from 'node:fs'
import type { Cluster } from '../lib/cluster.ts'
import { inSync } from '../lib/in_sync.ts'
import type { Started } from '../lib/processes.ts'
import { type History, judge, parseHistory } from './judge.ts'
import { endLoad, oneOfEachKind, progress } from './loaded.ts'
import { type Compared, compareReplicas } from './replicas.ts'
import { verification } from './verification.ts'

/**
 * Not held against Apache Kafka: its new coordinator answers from below the high watermark that it knows, which until a follower
 * has fetched is not yet that of the old one.
 */
const GONE_BACK = 'gone back:'

export interface RunUnderLoad {
  cluster: Cluster
  load: Started
  /** The load's, which is not compacted. */
  topic: string
  factor: number
  historyFile: string
  /** Brokers of Apache Kafka's are in the cluster. */
  theirs: boolean
  check(ok: boolean, title: string, why?: string): void
}

export interface Judged {
  history: History
  /** Acknowledged, and commits of the group that has the fewest. */
  records: number
  commits: number
  /** Findings that are not held against anybody. */
  excused: number
  /** Once more. */
  compare(): Compared
}

export async function endAndJudge(o: RunUnderLoad): Promise<Judged> {
  const { cluster, load, topic, factor, check } = o
  const { records, commits } = progress(load)
  const ended = await endLoad(load, 120_000)
  await inSync(cluster)
  check(...(await verification(cluster.bootstrap, topic)))
  await cluster.stop()

  const history = parseHistory(readFileSync(o.historyFile, 'utf8'))
  const all = judge(history)
  const findings = all.filter((finding) => !(o.theirs && finding.startsWith(GONE_BACK)))
  check(ended === 0, 'the clients came through and read to the end', `${ended} ${load.output().slice(-300)}`)
  check(
    findings.length === 0,
    `every acknowledged record is there once and in order, ${o.theirs ? '' : 'no committed offset went back, '}no key lost its last value`,
    oneOfEachKind(findings).join('; '),
  )
  const logDirs = new Map(cluster.brokers.map((one) => [one, cluster.logDir(one)]))
  const compacted = (name: string) => name.startsWith('__') || name.endsWith('-compacted')
  const compare = () => compareReplicas(logDirs, { compacted, factor })
  const same = compare()
  check(
    same.findings.length === 0 && same.batches > 0,
    `the replicas of ${same.partitions} partitions hold the same ${same.batches} batches`,
    same.findings.slice(0, 5).join('; '),
  )
  return { history, records, commits, excused: all.length - findings.length, compare }
}
