/**
 * Whether anything outlives its supervisor: Weir is started again and again and its supervisor ended, in every way and at every
 * moment of the start and after it. Soon no process that it had started may be there, and the ports must be free.
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Chance } from '../lib/chance.ts'
import { freePort, isAlive, listenerOn, processTree } from '../lib/processes.ts'
import { startWeir } from '../lib/weir.ts'

/** How long a broker may take to end in order once its supervisor is gone. */
const limitMs = 8_000
/** A start on an empty folder takes about half of that, the console a few times as much. */
const latestMs = 2_500

const ways = {
  'SIGKILL to the supervisor': (pid: number) => process.kill(pid, 'SIGKILL'),
  'SIGTERM to the supervisor': (pid: number) => process.kill(pid, 'SIGTERM'),
  'SIGINT to everyone, as a terminal does': (pid: number) => process.kill(-pid, 'SIGINT'),
  'SIGHUP to everyone, as a closed terminal does': (pid: number) => process.kill(-pid, 'SIGHUP'),
  'SIGINT twice': (pid: number) => {
    process.kill(pid, 'SIGINT')
    setTimeout(() => isAlive(pid) && process.kill(pid, 'SIGINT'), 50)
  },
  'SIGTERM, then SIGKILL': (pid: number) => {
    process.kill(pid, 'SIGTERM')
    setTimeout(() => isAlive(pid) && process.kill(pid, 'SIGKILL'), 20)
  },
} as const

const everyone = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isAlive(pid))

/** Processes that were given the folder, whoever their parent is by now. One that has named itself shows it no more. */
const startedFor = (dataDir: string): number[] =>
  everyone().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(dataDir)
    } catch {
      return false
    }
  })

/** What was left behind, a sentence each. */
export async function orphans(folder: string, chance: Chance, rounds: number): Promise<string[]> {
  const findings: string[] = []
  for (let round = 0; round < rounds; round++) {
    const [name, end] = Object.entries(ways)[round % Object.keys(ways).length]!
    // every other time the folder is one that was left by the death before
    const dataDir = join(folder, `orphans-${round >> 1}`)
    mkdirSync(dataDir, { recursive: true })
    const [port, consolePort] = [await freePort(), await freePort()]
    const weir = await startWeir({ dataDir, port, consolePort, wait: false })
    const supervisor = weir.engine()[0]!
    const afterMs = Math.round(chance.next() ** 2 * latestMs)
    await sleep(afterMs)
    const tree = processTree(supervisor)
    end(supervisor)
    const endMs = Date.now() + limitMs
    const holders = () =>
      [port, consolePort].map((one) => listenerOn(one, everyone())).filter((pid) => pid !== undefined)
    const left = () => [...new Set([...tree, ...startedFor(dataDir), ...holders()])].filter(isAlive)
    while (left().length > 0 && Date.now() < endMs) await sleep(20)
    const what = `${name} ${afterMs} ms after the start`
    if (holders().length > 0) findings.push(`${what}: a port was still held after ${limitMs} ms`)
    else if (left().length > 0)
      findings.push(`${what}: ${left().length} processes were still there after ${limitMs} ms`)
    for (const pid of left()) process.kill(pid, 'SIGKILL')
    await weir.kill()
  }
  return findings
}
