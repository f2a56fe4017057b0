// Bundles server/main.ts into dist/: one entry, a chunk for each role, dependencies left outside.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { stampConsole, stampServer } from './stamp.js'

export function buildServer(root) {
  // Old chunks stay: a broker that runs may still load one.
  // Not the asynchronous one: its service process would stay as long as the supervisor that this becomes.
  buildSync({
    absWorkingDir: root,
    entryPoints: { main: 'server/main.ts' },
    outdir: 'dist',
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    sourcemap: 'linked',
    logLevel: 'warning',
    chunkNames: 'chunk-[hash]',
  })
  stampServer(root)
}

/** What the first start does by itself. */
export function buildConsole(root) {
  const env = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }
  execFileSync(process.execPath, ['node_modules/next/dist/bin/next', 'build'], { cwd: root, env, stdio: 'inherit' })
  stampConsole(root)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  buildServer(root)
  if (process.argv.includes('--console')) buildConsole(root)
}
