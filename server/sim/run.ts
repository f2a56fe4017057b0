/**
 * Runs worlds by hand: `npx tsx server/sim/run.ts --seeds 1-200 [--lives 12] [--mutant NAME] [--verbose]`, or with
 * `--faults ROUNDS` instead of seeds those whose disk fails, so many rounds of them.
 * Prints every seed that convicts, with what the judges say, and exits with 1 if there was one.
 */
import { diskFaults } from './disk_faults.ts'
import { mutants } from './mutants.ts'
import { runWorld, type WorldOptions } from './world.ts'

const args = process.argv.slice(2)
const option = (name: string) => {
  const i = args.indexOf(`--${name}`)
  return i < 0 ? undefined : (args[i + 1] ?? '')
}

const [from, to] = (option('seeds') ?? '1-50').split('-').map(Number) as [number, number?]
const lives = Number(option('lives') ?? 12)
const mutantName = option('mutant')
const mutant = mutantName === undefined ? undefined : mutants[mutantName]
if (mutantName !== undefined && mutant === undefined) {
  console.error(`There is no mutant '${mutantName}'. There are:\n${Object.keys(mutants).join('\n')}`)
  process.exit(2)
}

const began = performance.now()
const ends = { crash: 0, kill: 0, stop: 0 }
const failing: number[] = []
let acknowledged = 0
const rounds = option('faults')
const worlds: WorldOptions[] =
  rounds === undefined
    ? Array.from({ length: (to ?? from) - from + 1 }, (_, i) => ({ seed: from + i, lives, ...(mutant && { mutant }) }))
    : Array.from({ length: Number(rounds) }, (_, round) => round).flatMap((round) =>
        diskFaults.flatMap((f) => f.worlds(round).map((w) => ({ ...w, lives: 2 }))),
      )
for (const world of worlds) {
  const { seed } = world
  const verdict = await runWorld(world)
  ends.crash += verdict.ends.crash
  ends.kill += verdict.ends.kill
  ends.stop += verdict.ends.stop
  acknowledged += verdict.history.count('acknowledged')
  if (verdict.convictions.length > 0) {
    failing.push(seed)
    console.log(`seed ${seed}${world.fault ? `, ${JSON.stringify(world.fault)}` : ''}:`)
    for (const { judge, what } of verdict.convictions.slice(0, 5)) console.log(`  ${judge}: ${what}`)
    if (verdict.convictions.length > 5) console.log(`  … and ${verdict.convictions.length - 5} more`)
  }
  if (args.includes('--verbose')) {
    for (const { ms, event } of verdict.history.events) {
      if (/^(crash|kill|stop|boot|serving|disk error|start failed|refused|stuck|threw)$/.test(event.kind))
        console.log(`  ${ms.toFixed(1)} ${JSON.stringify(event)}`)
    }
    for (const line of verdict.lines) console.log(`  | ${line.trimEnd()}`)
  }
}
const seconds = (performance.now() - began) / 1000
console.log(
  `${ends.crash} losses of power, ${ends.kill} kills, ${ends.stop} clean stops; ${acknowledged} records acknowledged; ${seconds.toFixed(1)} s`,
)
console.log(failing.length === 0 ? 'no seed fails' : `failing seeds: ${failing.join(' ')}`)
process.exit(failing.length === 0 ? 0 : 1)
