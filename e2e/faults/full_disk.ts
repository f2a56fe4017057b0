/**
 * A disk that is full under load: a small file system of its own, which must be mounted and so needs root. Producers write until
 * they are refused with Kafka's error; the process stays, and what was acknowledged can be read; once there is room, it serves
 * again by itself, and after that a stop and a start find every acknowledged record.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorOf } from '../../server/protocol/errors.ts'
import { Produce } from '../../server/protocol/messages/00_produce.ts'
import { buildBatch } from '../../server/records/build_batch.ts'
import { startWeir } from '../lib/weir.ts'
import { GoodClient } from './fuzz/good_client.ts'

const sizeMb = 64
const ballastBytes = 12 * 1024 * 1024
const recordBytes = 20_000
const topics = ['acks-all', 'acks-one'] as const
const limitMs = 30_000

interface Written {
  acks: number
  acked: string[]
  refused: Map<string, number>
}

/** What went wrong, or why it could not be tried. */
export async function fullDisk(folder: string): Promise<{ leftOut?: string; findings: string[] }> {
  mkdirSync(folder, { recursive: true })
  if (!mountExt4(folder) && !mountTmpfs(folder))
    return { leftOut: 'a file system can only be mounted by root', findings: [] }
  try {
    return { findings: await fillAndFree(folder) }
  } finally {
    spawnSync('umount', ['-l', folder])
  }
}

const succeeds = (command: string, ...args: string[]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0

/** What disks have, where there are loop devices: there a sync does something. */
function mountExt4(folder: string): boolean {
  const image = `${folder}.image`
  writeFileSync(image, '')
  truncateSync(image, sizeMb * 1024 * 1024)
  return succeeds('mkfs.ext4', '-q', '-F', '-m', '0', image) && succeeds('mount', '-o', 'loop', image, folder)
}

const mountTmpfs = (folder: string): boolean =>
  succeeds('mount', '-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'tmpfs', folder)

async function fillAndFree(folder: string): Promise<string[]> {
  const findings: string[] = []
  const dataDir = join(folder, 'data')
  const ballast = join(folder, 'ballast')
  writeFileSync(ballast, Buffer.alloc(ballastBytes))
  let weir = await startWeir({ dataDir, settings: { 'group.initial.rebalance.delay.ms': '0' } })
  const pid = weir.broker()
  const written = topics.map((name): Written => ({ acks: name === 'acks-all' ? -1 : 1, acked: [], refused: new Map() }))
  try {
    const client = await GoodClient.connect(weir.bootstrap)
    await client.createTopics(topics.map((name) => ({ name, partitions: 1 })))
    // until each has been refused for a while
    for (const end = Date.now() + limitMs; written.some(({ refused }) => total(refused) < 20) && Date.now() < end; )
      for (const [i, one] of written.entries()) await write(client, topics[i]!, one)
    for (const [i, { refused }] of written.entries()) {
      if (total(refused) < 20) findings.push(`${topics[i]} was not refused, though ${freeMb(folder)} MB are free`)
      const others = [...refused.keys()].filter((name) => name !== 'KAFKA_STORAGE_ERROR')
      if (others.length > 0) findings.push(`${topics[i]} was refused with ${others.join(', ')}`)
    }
    if (weir.broker() !== pid) findings.push('the broker is another process')
    await readAll(client, written, findings, 'while the disk is full')

    rmSync(ballast)
    const before = written.map(({ acked }) => acked.length)
    const more = () => written.every(({ acked }, i) => acked.length >= before[i]! + 20)
    for (const end = Date.now() + limitMs; !more() && Date.now() < end; await sleep(20))
      for (const [i, one] of written.entries()) await write(client, topics[i]!, one)
    if (!more()) findings.push(`not served again within ${limitMs} ms, though ${freeMb(folder)} MB are free`)
    if (weir.broker() !== pid) findings.push('the broker is another process after there was room')
    await readAll(client, written, findings, 'once there is room')
    client.close()
    await weir.stop()
    weir = await startWeir({ dataDir })
    const later = await GoodClient.connect(weir.bootstrap)
    await readAll(later, written, findings, 'after a stop and a start')
    later.close()
  } finally {
    await weir.stop()
  }
  return findings
}

const total = (counts: Map<string, number>) => [...counts.values()].reduce((sum, n) => sum + n, 0)
const freeMb = (folder: string) => Math.round((statfsSync(folder).bavail * statfsSync(folder).bsize) / 1024 / 1024)

async function write(client: GoodClient, name: string, to: Written): Promise<void> {
  const value = `${to.acked.length} `.padEnd(recordBytes, 'x')
  const records = buildBatch([{ key: null, value: Buffer.from(value) }], { timestamp: Date.now() })
  const topicData = [{ name, partitionData: [{ index: 0, records }] }]
  const answer = await client.ask(Produce, 9, { acks: to.acks, timeoutMs: 5_000, topicData })
  const { errorCode } = answer.responses[0]!.partitionResponses[0]!
  if (errorCode === 0) to.acked.push(value)
  else to.refused.set(errorOf(errorCode), (to.refused.get(errorOf(errorCode)) ?? 0) + 1)
}

/** Every acknowledged record is there, in order; one that was refused is not. */
async function readAll(client: GoodClient, all: Written[], findings: string[], when: string): Promise<void> {
  for (const [i, { acked }] of all.entries()) {
    const values = await client.read(topics[i]!, 0).catch((error) => [String(error)])
    if (values.length !== acked.length || values.some((value, at) => value !== acked[at]))
      findings.push(`${topics[i]} has ${values.length} records ${when}, where ${acked.length} were acknowledged`)
  }
}
