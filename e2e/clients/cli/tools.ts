/** The other end of Tools.java: Kafka's command-line tools in one JVM for each side, by the names that peers/kafka/kt knows. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { kafkaJars } from '../../lib/kafka.ts'
import { root } from '../../lib/paths.ts'
import { type Started, start } from '../../lib/processes.ts'

export interface ToolRun {
  /** By kt's name. */
  tool: string
  args: string[]
  stdin?: string
  /** The tool is stopped, or left running if `background`, as soon as what it printed matches. */
  until?: string
  background?: boolean
  limitMs?: number
  /** Of what it prints, only the lines in which this is found. */
  only?: string
}

export interface Outcome {
  /** The exit status; `stopped` as asked for, `late` when it had to be, `running` in the background. */
  status: string
  /** Both streams, as a terminal would show them. */
  output: string
}

const ktFile = readFileSync(join(root, 'e2e/peers/kafka/kt'), 'utf8')
const packageName = /^T=(\S+)/m.exec(ktFile)![1]!
const classes = new Map(
  [...ktFile.matchAll(/\[([a-z0-9-]+)\]=(\S+)/g)].map(([, name, of]) => [name!, of!.replace('$T', packageName)]),
)

/** One JVM. A tool that takes it down is answered as such, and the next run has a new one. */
export class Tools {
  private jvm: Started | undefined
  private lastId = 0
  private readonly waiting = new Map<number, (outcome: Outcome) => void>()

  /** Resolves with how it went, and what `end` takes if it goes on. */
  async run({ tool, ...order }: ToolRun): Promise<Outcome & { id: number }> {
    const name = classes.get(tool)
    if (!name) throw new Error(`no tool is called ${tool}`)
    const id = ++this.lastId
    return { id, ...(await this.order(id, { tool: name, ...order })) }
  }

  /** Ends what runs in the background, as SIGTERM would; resolves with all that it printed. */
  end(id: number): Promise<Outcome> {
    return this.order(++this.lastId, { stop: id })
  }

  async close(): Promise<void> {
    await this.jvm?.kill()
  }

  private order(id: number, what: object): Promise<Outcome> {
    const jvm = (this.jvm ??= this.launch())
    return new Promise((resolve) => {
      this.waiting.set(id, resolve)
      jvm.child.stdin!.write(`${JSON.stringify({ id, ...what })}\n`)
    })
  }

  private launch(): Started {
    const logging = `-Dlog4j2.configurationFile=${join(import.meta.dirname, 'log4j2.properties')}`
    const options = ['-Xmx384M', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Djava.awt.headless=true', logging]
    const jvm = start('java', [...options, '-cp', `${kafkaJars()}/*`, join(import.meta.dirname, 'Tools.java')], {
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    jvm.child.stdin!.on('error', () => {})
    createInterface({ input: jvm.child.stdout! }).on('line', (line) => {
      const { id, ...outcome } = JSON.parse(line) as Outcome & { id: number }
      this.waiting.get(id)?.(outcome)
      this.waiting.delete(id)
    })
    void jvm.ended.then((status) => {
      if (this.jvm === jvm) this.jvm = undefined
      const output = `the JVM ended with ${status}: ${jvm.output().slice(-2000)}`
      for (const resolve of this.waiting.values()) resolve({ status: 'lost', output })
      this.waiting.clear()
    })
    return jvm
  }
}
