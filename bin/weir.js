#!/usr/bin/env node
// The one command. Builds the server if its sources are newer than what was built (milliseconds), then runs it.
// The console's pages are built by the supervisor, while the broker already serves. Plain JavaScript, no imports but Node's.
import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { serverIsBuilt } from './stamp.js'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Weir needs Node 20.19 or newer; this is ${process.versions.node}.`)
  process.exit(1)
}
const root = fileURLToPath(new URL('..', import.meta.url))
if (!serverIsBuilt(root)) {
  if (!existsSync(`${root}node_modules/esbuild`)) {
    console.error('The dependencies are not installed: run `npm ci` first.')
    process.exit(1)
  }
  console.log('Building the server …')
  const { buildServer } = await import('./build.js')
  buildServer(root)
}
await import(pathToFileURL(`${root}dist/main.js`).href)
