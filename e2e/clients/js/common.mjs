// What the JavaScript programs share: arguments, the runner of the phases (SPEC.md), small helpers.
export const [boot, topic] = process.argv.slice(2)
export const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
export const N = 1000
/** Replicas of the topics it creates. */
export const factor = Number(process.env.FACTOR ?? 1)

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
export const value = (codec, i) => `${codec}-${i}-`.padEnd(100, 'x')
export const sum = (numbers) => numbers.reduce((a, b) => a + Number(b), 0)
export const inADay = () => Date.now() + 86_400_000

export function check(ok, why) {
  if (!ok) throw new Error(String(why))
}

export async function until(test, ms = 15_000) {
  for (const end = Date.now() + ms; !(await test()); await sleep(100)) check(Date.now() < end, 'timed out')
}

/** The 5,000 records of the produce phase, each checked as it comes. */
export class Seen extends Set {
  record(codec, i, key, text) {
    check(key === 'k' + i && text === value(codec, i), 'content of ' + codec + i)
    check(!this.has(codec + i), 'twice: ' + codec + i)
    this.add(codec + i)
  }
}

/** Runs those of the phases ({name: async function}) that PHASES in the environment names; without it all. */
export async function run(phases) {
  let at = 'start'
  const fail = (e) => {
    console.error(e)
    console.log(`${at}: ${e?.message ?? e} ${e?.errors?.[0]?.message ?? ''}`.replace(/\n/g, ' ').slice(0, 300))
    process.exit(1)
  }
  process.on('unhandledRejection', fail)
  setTimeout(() => fail(new Error('still running after 150 s')), 150_000).unref()
  const wanted = process.env.PHASES?.split(',')
  try {
    for (const [name, phase] of Object.entries(phases)) {
      if (wanted && !wanted.includes(name)) continue
      at = name
      console.error(name)
      await phase()
    }
    process.exit(0)
  } catch (e) {
    fail(e)
  }
}
