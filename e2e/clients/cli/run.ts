/**
 * Kafka's command-line tools side by side: the same steps on a Weir and on an Apache Kafka, each on a fresh folder, and the outputs
 * compared. `npm run test:clients` has it; by itself:
 *
 *   npx tsx e2e/clients/cli/run.ts [--only WORD[,WORD]] [--show]   sections whose name contains a word; all outputs, not only those that differ
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startKafka } from '../../lib/kafka.ts'
import { type Counts, report } from '../../lib/report.ts'
import type { System } from '../../lib/system.ts'
import { startWeir } from '../../lib/weir.ts'
import { leftOut } from './left_out.ts'
import { differences, masked } from './mask.ts'
import { type End, type Section, type Step, words } from './step.ts'
import { cluster } from './steps/cluster.ts'
import { configs } from './steps/configs.ts'
import { data } from './steps/data.ts'
import { consumerGroups } from './steps/groups.ts'
import { topics } from './steps/topics.ts'
import { type Outcome, Tools } from './tools.ts'

const sections: Section[] = [...cluster, ...topics, ...configs, ...consumerGroups, ...data]
/** Groups form at once, Weir's own starting point; and what an Apache Kafka of one broker cannot do without. */
const settings = {
  'group.initial.rebalance.delay.ms': '0',
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
}
/** For `--command-config {dir}/impatient`: clients that give up soon. */
const impatient = 'request.timeout.ms=1500\ndefault.api.timeout.ms=2000\n'
const againLimitMs = 15_000

/** One system, and the tools that talk to it. */
class Side {
  readonly tools = new Tools()
  private readonly background = new Map<string, number>()

  constructor(
    readonly system: System,
    private readonly folder: string,
    private readonly logDir: string,
  ) {
    mkdirSync(this.dir, { recursive: true })
  }

  private get dir(): string {
    return join(this.folder, 'files')
  }

  async outcome(step: Step | End): Promise<string[]> {
    const { status, output } = 'end' in step ? await this.end(step.end) : await this.run(step)
    const paths = [
      [this.dir, 'DIR'],
      [this.logDir, 'LOGS'],
    ] as const
    return [`status ${status}`, ...masked(output, { paths, more: step.mask ?? [], anyOrder: step.anyOrder ?? false })]
  }

  private end(name: string): Promise<Outcome> {
    const id = this.background.get(name)
    return id === undefined ? Promise.resolve({ status: 'never ran', output: '' }) : this.tools.end(id)
  }

  private async run(step: Step): Promise<Outcome> {
    for (const [name, text] of Object.entries({ ...step.files, impatient })) writeFileSync(join(this.dir, name), text)
    const own = (text: string) => text.replaceAll('{b}', this.system.bootstrap).replaceAll('{dir}', this.dir)
    const [tool, ...args] = words(own(step.run))
    if (!step.run.includes('{b}'))
      args.splice(tool === 'cluster' ? 1 : 0, 0, '--bootstrap-server', this.system.bootstrap)
    const order = {
      tool: tool!,
      args,
      ...(step.stdin !== undefined && { stdin: step.stdin }),
      ...(step.until !== undefined && { until: step.until }),
      background: step.background !== undefined,
    }
    for (const end = Date.now() + againLimitMs; ; await sleep(200)) {
      const { id, ...outcome } = await this.tools.run(order)
      if (step.background) this.background.set(step.background, id)
      if (step.again === undefined || new RegExp(step.again).test(outcome.output) || Date.now() > end) return outcome
    }
  }

  async stop(): Promise<void> {
    await this.tools.close()
    await this.system.stop()
  }
}

export interface CliOptions {
  only?: string[] | undefined
  show?: boolean
}

export async function runCli({ only, show = false }: CliOptions = {}): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-cli-'))
  const counts = { passed: 0, failed: 0 }
  const sides: Side[] = []
  const startedAt = Date.now()
  try {
    const ours = join(folder, 'weir')
    const theirs = join(folder, 'kafka')
    const [weir, kafka] = await Promise.all([
      startWeir({ dataDir: ours, settings }),
      startKafka({ dataDir: theirs, settings, heap: ['-Xmx512m', '-Xms256m'] }),
    ])
    sides.push(
      new Side(weir, join(folder, 'of-weir'), ours),
      new Side(kafka, join(folder, 'of-kafka'), join(theirs, 'data')),
    )
    for (const section of sections) {
      if (only && !only.some((word) => section.name.includes(word))) continue
      const result = await runSection(section, sides as [Side, Side], show)
      counts.passed += result.passed
      counts.failed += result.failed
    }
  } finally {
    await Promise.all(sides.map((side) => side.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
  console.log(`     the command-line tools took ${Math.round((Date.now() - startedAt) / 1000)} s`)
  return counts
}

async function runSection({ name, steps }: Section, [weir, kafka]: [Side, Side], show: boolean): Promise<Counts> {
  const counts = { passed: 0, failed: 0 }
  const startedAt = Date.now()
  const left: string[] = []
  for (const entry of steps) {
    const step = typeof entry === 'string' ? { run: entry } : entry
    const stepAt = Date.now()
    const [ours, theirs] = await Promise.all([weir.outcome(step), kafka.outcome(step)])
    const tookMs = Date.now() - stepAt
    const title = 'end' in step ? `the end of ${step.end}` : step.run
    const broken = theirs[0] === 'status late' || theirs[0] === 'status lost' || theirs[0] === 'status never ran'
    if (show) console.log(`  ${title} (${tookMs} ms)\n${theirs.map((line) => `    | ${line}`).join('\n')}`)
    if ('run' in step && (step.silent || step.background) && !broken && ours[0] === theirs[0]) continue
    const found = differences(theirs, ours)
    const why = leftOut(name, title)
    if (why !== undefined) {
      left.push(`left out: ${title}: ${why}${found.length === 0 ? ' (they agree by now)' : ''}`)
      continue
    }
    if (found.length === 0 && !broken) counts.passed++
    else {
      counts.failed++
      console.log(`FAIL ${name}: ${title}\n${(broken ? theirs : found).map((line) => `       ${line}`).join('\n')}`)
    }
  }
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
  const ok = counts.failed === 0 ? 'ok  ' : 'FAIL'
  console.log(
    `${ok} ${`tools: ${name}`.padEnd(40)} ${seconds.padStart(6)}s  ${counts.passed} alike, ${counts.failed} not`,
  )
  for (const line of left) console.log(`     ${line}`)
  return counts
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { only: { type: 'string' }, show: { type: 'boolean', default: false } } })
  report('cli', await runCli({ only: values.only?.split(','), show: values.show }))
  process.exit()
}
