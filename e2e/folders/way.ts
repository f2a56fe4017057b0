/** One folder on its way through brokers: each is started on a copy of what the one before has left. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Author, type Check } from './author.ts'
import type { Broker } from './broker.ts'
import { carried, differences } from './compare.ts'
import { dump, uncleanIn } from './dump.ts'
import type { Inventory } from './inventory.ts'
import { copy, formatted, type Station, type StationOptions } from './stations.ts'

const SHOWN = 12

export interface Stay extends StationOptions {
  /** Called when the author has written. */
  write?: (broker: Broker, admin: Broker) => Promise<void>
  /** Whether everything that was ever written is there. */
  judge?: boolean
  /** SIGKILL instead of a clean stop. */
  kill?: boolean
}

export class Way {
  private readonly author: Author
  private running: Station | undefined
  /** Where the folder is now. */
  private at: string | undefined
  /** What was said of it last; on what the last one was silent, by one before. */
  private said: Inventory | undefined
  private killed = false
  private stations = 0

  constructor(
    private readonly place: string,
    private readonly check: Check,
    /** Log dirs in the place. */
    private readonly dirs = ['data'],
  ) {
    this.author = new Author(check)
  }

  /** By Apache Kafka's own tool, before anybody is started. */
  async format(o: StationOptions): Promise<void> {
    this.at = await formatted(join(this.place, 'formatted'), { ...o, dirs: this.dirs })
  }

  /** Starts a broker, compares what it says with what was said before, writes, and ends it. */
  async through(start: (place: string, o: StationOptions) => Promise<Station>, stay: Stay = {}): Promise<void> {
    const name = `${start.name}-${++this.stations}`
    const at = join(this.place, name)
    if (this.at) copy(this.at, at)
    this.at = at
    const station = (this.running = await start(at, { ...stay, dirs: this.dirs }))
    if (this.said) this.same(this.said, await station.look(), `${name} says of the folder what was said before`)
    if (station.system.name === 'Apache Kafka' && this.said && !this.killed) this.takenAsItIs(at, name)
    await this.author.write(station.broker, name)
    await stay.write?.(station.broker, station.admin)
    const seen = await station.look()
    if (stay.judge) await this.author.judge(station.broker, seen)
    if (stay.judge) this.convicts(seen)
    this.said = this.said ? carried(this.said, seen) : seen
    this.killed = stay.kill ?? false
    if (this.killed) return this.end()
    await station.stop()
    this.running = undefined
    await this.left(at, name)
  }

  /** Nothing of it runs any more. */
  async end(): Promise<void> {
    await this.running?.kill()
    this.running = undefined
  }

  private async left(at: string, name: string): Promise<void> {
    for (const dir of this.dirs) {
      const unclean = uncleanIn(join(at, dir))
      this.check(unclean.length === 0, `${name} leaves ${dir} as a clean stop does`, unclean.slice(0, SHOWN).join('; '))
    }
    const { files, problems } = await dump(
      this.dirs.map((dir) => join(at, dir)),
      // What Apache Kafka has written there needs no proof.
      { decode: name.startsWith('weir') },
    )
    this.check(
      problems.length === 0,
      `kafka-dump-log finds nothing wrong in ${files} files of ${name}`,
      lines(problems),
    )
  }

  private same(before: Inventory, after: Inventory, title: string): void {
    const found = differences(before, after)
    this.check(found.length === 0, `${title}: ${before.facts.size} facts`, `${found.length} differ${lines(found)}`)
    const silent = [...after.silentOn].filter((kind) => !before.silentOn.has(kind))
    if (silent.length > 0) console.log(`     silent on ${silent.join(', ')}`)
  }

  /** A comparison that never found anything would not be one. */
  private convicts(seen: Inventory): void {
    const oneOfEachKind = new Map([...seen.facts.keys()].map((fact) => [fact.split(' ')[0]!, fact]))
    const blindTo: string[] = []
    for (const [kind, fact] of oneOfEachKind) {
      const without = new Map([...seen.facts].filter(([one]) => one !== fact))
      for (const facts of [without, new Map(seen.facts).set(fact, '-2')]) {
        if (differences(seen, { ...seen, facts }).length !== 1) blindTo.push(kind)
      }
    }
    this.check(
      blindTo.length === 0,
      `of ${oneOfEachKind.size} kinds of facts each is missed when it is gone or changed`,
      blindTo.join(', '),
    )
  }

  /** An Apache Kafka that had found anything to repair would have said so. It always looks through the metadata log. */
  private takenAsItIs(at: string, name: string): void {
    const log = readFileSync(join(at, 'server.log'), 'utf8')
    const said = log
      .split('\n')
      .filter((line) =>
        /\b(WARN|ERROR|FATAL)\b.*(Log|Index|Snapshot|Epoch|Producer|Metadata)|Recovering unflushed|Found file/.test(
          line,
        ),
      )
      // What it says of its own start, with or without a folder.
      .filter((line) => !/__cluster_metadata-0|\((org\.apache\.kafka\.coordinator|kafka\.server)\./.test(line))
    this.check(log.includes('Skipping recovery') && said.length === 0, `${name} takes the folder as it is`, lines(said))
  }
}

const lines = (all: readonly string[]): string =>
  all
    .slice(0, SHOWN)
    .map((line) => `\n     ${line}`)
    .join('') + (all.length > SHOWN ? `\n     and ${all.length - SHOWN} more` : '')
