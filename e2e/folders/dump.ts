/** What Kafka's own `kafka-dump-log` thinks of the files in a log dir, and what else a clean stop must have left there. */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { kafkaJars } from '../lib/kafka.ts'

/** The kinds of files that it reads. */
const SUFFIXES = ['.log', '.index', '.timeindex', '.txnindex', '.snapshot', '.checkpoint']

interface Dump {
  /** Folders of partitions, by the beginning of their names; '' is all. */
  of: string
  suffixes: string[]
  arguments: string[]
}

const everything: Dump = { of: '', suffixes: SUFFIXES, arguments: ['--deep-iteration'] }
/** Their records, too, must be what they should be. */
const decoded: Dump[] = [
  { of: '__cluster_metadata-', suffixes: ['.log', '.checkpoint'], arguments: ['--cluster-metadata-decoder'] },
  { of: '__consumer_offsets-', suffixes: ['.log'], arguments: ['--offsets-decoder'] },
]

/** Lines that say what is wrong in the files of all log dirs, and how many there were. With `decode` internal topics are decoded, too. */
export async function dump(
  logDirs: string[],
  { decode }: { decode: boolean },
): Promise<{ files: number; problems: string[] }> {
  const dumps = await Promise.all([everything, ...(decode ? decoded : [])].map((d) => dumped(logDirs, d)))
  return { files: dumps[0]!.files, problems: dumps.flatMap((d) => d.problems) }
}

async function dumped(logDirs: string[], d: Dump): Promise<{ files: number; problems: string[] }> {
  const files = logDirs
    .flatMap((logDir) => partitions(logDir).map((name) => ({ logDir, name })))
    .filter(({ name }) => name.startsWith(d.of))
    .flatMap(({ logDir, name: folder }) => readdirSync(join(logDir, folder)).map((name) => join(logDir, folder, name)))
    .filter((path) => d.suffixes.some((suffix) => path.endsWith(suffix)))
  if (files.length === 0 && d.of !== '') return { files: 0, problems: [] }
  const java = ['-Xmx256M', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', `${kafkaJars()}/*`]
  const tool = ['org.apache.kafka.tools.DumpLogSegments', '--files', files.join(','), ...d.arguments]
  const problems: string[] = []
  try {
    const { stdout, stderr } = await promisify(execFile)('java', [...java, ...tool], { maxBuffer: 1 << 28 })
    const lines = stdout.split('\n')
    problems.push(...lines.filter((line) => /isvalid: false|could not|unable to/i.test(line)))
    problems.push(...withoutGapsOfCompaction(stderr.split('\n')))
    if (!lines.some((line) => line.includes('baseOffset: '))) problems.push('it has read nothing')
  } catch (error) {
    problems.push((error as Error).message.slice(-2_000))
  }
  return { files: files.length, problems }
}

/**
 * What is wrong goes to stderr, a heading for each file. Told like anything else are the gaps that compaction leaves, and the place
 * of a segment that is not the log's first: from the -1 before it.
 */
function withoutGapsOfCompaction(lines: string[]): string[] {
  let compacted = false
  const found: string[] = []
  for (const line of lines) {
    if (line.trim() === '' || line.includes('SLF4J')) continue
    if (!line.startsWith(' ')) compacted = /^Non-consecutive offsets in .*\/compacted-\d/.test(line)
    if (!compacted && !/^ +-1 is followed by \d+$/.test(line)) found.push(line)
  }
  return found.filter((line, i) => !line.startsWith('Non-consecutive') || found[i + 1]?.startsWith(' '))
}

function partitions(logDir: string): string[] {
  return readdirSync(logDir, { withFileTypes: true })
    .filter((f) => f.isDirectory() && /-\d+$/.test(f.name))
    .map((f) => f.name)
}

/** What is missing for a broker that opens the folder next to take it as it is. */
export function uncleanIn(logDir: string): string[] {
  const found: string[] = []
  if (!existsSync(join(logDir, '.kafka_cleanshutdown'))) found.push('there is no .kafka_cleanshutdown')
  const recoveryPoints = checkpoint(join(logDir, 'recovery-point-offset-checkpoint'))
  for (const partition of partitions(logDir)) {
    if (partition === '__cluster_metadata-0') continue
    const names = readdirSync(join(logDir, partition))
    const bases = names.filter((n) => n.endsWith('.log')).map((n) => Number.parseInt(n, 10))
    const metadata = join(logDir, partition, 'partition.metadata')
    if (!existsSync(metadata) || !/^version: 0\ntopic_id: \S{22}$/.test(readFileSync(metadata, 'utf8').trim()))
      found.push(`${partition} has no partition.metadata`)
    const point = recoveryPoints.get(partition)
    if (point === undefined || point < Math.max(...bases)) found.push(`${partition} has the recovery point ${point}`)
    const cleaned = join(logDir, 'cleaner-offset-checkpoint')
    if (partition === 'compacted-0' && !(existsSync(cleaned) && checkpoint(cleaned).has(partition)))
      found.push(`${partition} was not compacted`)
    if (names.some((n) => n.endsWith('.swap') || n.endsWith('.cleaned'))) found.push(`${partition} is half compacted`)
  }
  return found
}

function checkpoint(path: string): Map<string, number> {
  const [, , ...lines] = readFileSync(path, 'utf8').trim().split('\n')
  return new Map(
    lines.map((line) => {
      const [topic, partition, offset] = line.split(' ')
      return [`${topic}-${partition}`, Number(offset)]
    }),
  )
}
