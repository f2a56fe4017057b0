/**
 * A Chromium for the browser tests: `CHROMIUM` from the environment, an installed one, or the one in @sparticuz/chromium. Each is
 * asked for its version first, since a browser may be there and miss a library. As a program, prints the one found, or says what to
 * do and ends with status 1.
 */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Quiet: no phone calls home, and no sandbox, which containers refuse. */
export const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const installed = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']

function works(path: string): boolean {
  try {
    return /Chrom/.test(
      execFileSync(path, ['--version', '--no-sandbox'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    )
  } catch {
    return false
  }
}

function onPath(name: string): string[] {
  try {
    return [execFileSync('which', [name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()]
  } catch {
    return []
  }
}

/** The executable's path. Throws with one sentence when there is none. */
export async function findChromium(): Promise<string> {
  const asked = process.env.CHROMIUM
  if (asked) {
    if (works(asked)) return asked
    throw new Error(`CHROMIUM is ${asked}, which does not run as a browser.`)
  }
  const found = installed.flatMap(onPath).find(works)
  if (found) return found
  const { default: packaged } = await import('@sparticuz/chromium')
  const unpacked = await packaged.executablePath()
  if (works(unpacked)) return unpacked
  throw new Error('No Chromium runs here: install one (apt-get install chromium), or name one in CHROMIUM.')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(await findChromium())
  } catch (error) {
    console.error((error as Error).message)
    process.exit(1)
  }
}
