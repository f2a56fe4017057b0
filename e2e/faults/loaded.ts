/** The program that works while things break (load/main.go): built once a run, started, and asked how far it has come. */
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cache, root } from '../lib/paths.ts'
import { type Started, start, until } from '../lib/processes.ts'

export function buildLoad(): string {
  const program = join(cache, 'weir/load')
  mkdirSync(join(cache, 'weir'), { recursive: true })
  const built = spawnSync('go', ['build', '-o', program, '.'], { cwd: join(root, 'e2e/faults/load'), encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`building the load failed: ${built.stderr ?? built.error?.message}`)
  return program
}

/** `args` as the head of main.go has them. */
export const startLoad = (program: string, ...args: (string | number)[]): Started =>
  start(program, args.map(String), { stdio: ['pipe', 'pipe', 'pipe'] })

/** Records acknowledged so far, and commits of the group that has the fewest. */
export function progress(load: Started): { records: number; commits: number } {
  const [records = 0, ...commits] = (load.output().trimEnd().split('\n').at(-1) ?? '').split(' ').map(Number)
  return { records, commits: commits.length === 0 ? 0 : Math.min(...commits) }
}

/** Waits until producers and both groups have come further by so much. */
export async function serving(load: Started, more: { records: number; commits: number }): Promise<void> {
  const before = progress(load)
  const moved = () => {
    const now = progress(load)
    return now.records >= before.records + more.records && now.commits >= before.commits + more.commits
  }
  await until(moved, { what: 'producers and consumers after a fault', limitMs: 60_000, process: load })
}

/** Has the clients write no more and read to the end. Resolves with the exit status, or with `late`. */
export async function endLoad(load: Started, limitMs: number): Promise<number | string> {
  load.child.stdin!.end()
  const ended = await Promise.race([load.ended, sleep(limitMs, 'late')])
  if (ended === 'late') await load.kill()
  return ended
}

/** Findings begin with their kind and a colon. */
export function oneOfEachKind(findings: string[]): string[] {
  return [...new Map(findings.map((finding) => [finding.split(':')[0], finding])).values()]
}
