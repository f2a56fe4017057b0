/**
 * Runs clusters by hand: `npx tsx server/sim/cluster/run.ts --seeds 1-50 [--faults 12] [--mutant NAME] [--verbose]`. Prints every seed that convicts,
 * with what the judges say, and exits with 1 if there was one.
 */
import { clusterMutants } from './cluster_mutants.ts'
import { runCluster } from './cluster_world.ts'

const args = process.argv.slice(2)
const option = (name: string) => {
  const i = args.indexOf(`--${name}`)
  return i < 0 ? undefined : (args[i + 1] ?? '')
}

const mutant = clusterMutants[option('mutant') ?? '']
const [from, to] = (option('seeds') ?? '1-20').split('-').map(Number) as [number, number?]
const began = performance.now()
const faults = new Map<string, number>()
const failing: number[] = []
let acknowledged = 0
for (let seed = from; seed <= (to ?? from); seed++) {
  const verdict = await runCluster({ seed, faults: Number(option('faults') ?? 12), ...(mutant && { mutant }) })
  for (const [name, n] of verdict.faults) faults.set(name, (faults.get(name) ?? 0) + n)
  acknowledged += verdict.history.count('acknowledged')
  if (verdict.convictions.length > 0) {
    failing.push(seed)
    console.log(`seed ${seed}:`)
    for (const { judge, what } of verdict.convictions.slice(0, 5)) console.log(`  ${judge}: ${what}`)
    if (verdict.convictions.length > 5) console.log(`  … and ${verdict.convictions.length - 5} more`)
  }
  if (args.includes('--verbose')) {
    for (const { ms, event } of verdict.history.events) {
      if (/^(crash|kill|stop|boot|serving|start failed|refused|stuck|threw)$/.test(event.kind))
        console.log(`  ${ms.toFixed(1)} ${JSON.stringify(event)}`)
    }
    for (const line of verdict.lines) console.log(`  | ${line.trimEnd()}`)
  }
}
const seconds = (performance.now() - began) / 1000
console.log(
  `${[...faults].map(([name, n]) => `${name} ${n}`).join(', ')}; ${acknowledged} records acknowledged; ${seconds.toFixed(1)} s`,
)
console.log(failing.length === 0 ? 'no seed fails' : `failing seeds: ${failing.join(' ')}`)
process.exit(failing.length === 0 ? 0 : 1)
