// Bundles server/main.ts into dist/: one entry, a chunk for each role, dependencies left outside.
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { stampServer } from './stamp.js'

export async function buildServer(root) {
  // Old chunks stay: a broker that runs may still load one.
  await build({
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

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildServer(fileURLToPath(new URL('..', import.meta.url)))
