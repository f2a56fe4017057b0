/** The ways that a folder goes from one broker to another. */
import { freePort } from '../lib/processes.ts'
import type { Check } from './author.ts'
import { writeKafkaOnly } from './kafka_only.ts'
import { kafka, type StationOptions, weir } from './stations.ts'
import { Way } from './way.ts'

/** A snapshot of the metadata after nearly every change, and nothing of its log kept that need not be. */
const CUT_METADATA = {
  'metadata.log.max.record.bytes.between.snapshots': '2000',
  'metadata.log.segment.ms': '20',
  'metadata.max.retention.bytes': '1',
}

/** Each walks one in a place of its own; `onWay` is told of it first, for who has to end it. */
export const ways: Record<string, (place: string, check: Check, onWay: (way: Way) => void) => Promise<void>> = {
  async 'there and back'(place, check, onWay) {
    const way = new Way(place, check)
    onWay(way)
    await way.through(weir)
    await way.through(kafka, { write: writeKafkaOnly })
    await way.through(weir, { settings: CUT_METADATA })
    await way.through(kafka, { judge: true })
  },

  /** Whoever is started on what a kill has left recovers it, and finds all that was told. */
  async 'after kills, with two log dirs'(place, check, onWay) {
    const way = new Way(place, check, ['data', 'more'])
    onWay(way)
    await way.through(kafka, { write: writeKafkaOnly, kill: true })
    await way.through(weir, { kill: true })
    await way.through(kafka, { judge: true })
  },

  /** Its voters stand in the log. */
  'formatted for Kafka 3.9': (place, check, onWay) =>
    ofRelease(new Way(place, check), '3.9', { standalone: true }, onWay),
  /** The oldest that Kafka 4 opens. */
  'formatted for Kafka 3.3': (place, check, onWay) =>
    ofRelease(new Way(place, check), '3.3', { standalone: false }, onWay),
}

/** What is written in a folder for an older release is what that release knows. */
async function ofRelease(
  way: Way,
  release: string,
  { standalone }: { standalone: boolean },
  onWay: (way: Way) => void,
): Promise<void> {
  onWay(way)
  const controllerPort = await freePort()
  const options: StationOptions = {
    controllerPort,
    format: ['--release-version', release, ...(standalone ? ['--standalone'] : [])],
    ...(standalone && { settings: { 'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}` } }),
  }
  await way.format(options)
  await way.through(weir, { settings: CUT_METADATA })
  await way.through(kafka, { ...options, judge: true })
}
