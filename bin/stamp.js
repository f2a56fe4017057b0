// Says whether what was built is older than its sources, by names, sizes and times: some hundred stats, a few milliseconds.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'

const SERVER = ['server', 'bin', 'package.json', 'prisma']
const CONSOLE = [
  'app',
  'server/console',
  'server/config',
  'server/rest/openapi.ts',
  'package-lock.json',
  'next.config.ts',
  'postcss.config.mjs',
  'public',
  'tsconfig.json',
]

export const SERVER_STAMP = 'dist/server.stamp'
export const CONSOLE_STAMP = '.next/console.stamp'

/** @param {string} root @param {string[]} sources */
function fingerprint(root, sources) {
  const hash = createHash('sha1')
  const visit = (path) => {
    const stat = statSync(root + path, { throwIfNoEntry: false })
    if (!stat) return
    if (stat.isDirectory()) for (const name of readdirSync(root + path).sort()) visit(`${path}/${name}`)
    else if (!/\.test\.tsx?$/.test(path)) hash.update(`${path} ${stat.size} ${Math.round(stat.mtimeMs)}\n`)
  }
  for (const source of sources) visit(source)
  return hash.digest('hex')
}

const read = (path) => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

export const serverIsBuilt = (root) => read(root + SERVER_STAMP) === fingerprint(root, SERVER)
export const consoleIsBuilt = (root) => read(root + CONSOLE_STAMP) === fingerprint(root, CONSOLE)
export const stampServer = (root) => writeFileSync(root + SERVER_STAMP, fingerprint(root, SERVER))
export const stampConsole = (root) => writeFileSync(root + CONSOLE_STAMP, fingerprint(root, CONSOLE))
