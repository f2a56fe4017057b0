/** Rules about the code base that a reader relies on, each with what to do instead. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { served } from './broker/apis/index.ts'
import { served as servedByControllers } from './controller/apis/served.ts'
import { apis } from './protocol/messages/index.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

const files = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'generated' || entry.name === 'node_modules' ? [] : files(path)
    return /\.tsx?$/.test(entry.name) ? [path] : []
  })

const server = files('server')
const app = files('app')
const sources = [...server, ...app]
const text = new Map(sources.map((f) => [f, readFileSync(join(root, f), 'utf8')]))
const isTest = (f: string) => /\.test\.tsx?$/.test(f)

/** Without comments and without what stands in quotes, so that prose about a rule does not break it. */
const code = (f: string): string =>
  text
    .get(f)!
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '$1')

const imports = (f: string): string[] =>
  [...code(f).matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map((m) => m[1]!)

/** The file of the project that an import means, or undefined for a package. */
const target = (from: string, specifier: string): string | undefined => {
  const path = specifier.startsWith('@/')
    ? specifier.slice(2)
    : specifier.startsWith('.')
      ? relative(root, resolve(root, dirname(from), specifier))
      : undefined
  if (path === undefined) return undefined
  return [path, `${path}.ts`, `${path}.tsx`, `${path}/index.ts`].find((p) => text.has(p))
}

const ENGINE = [
  'lib',
  'env',
  'protocol',
  'rpc',
  'records',
  'config',
  'log',
  'client',
  'state',
  'metadata',
  'replication',
  'coordinator',
  'quota',
  'controller',
  'broker',
  'sim',
]
/** Loads a part of the program itself, once, as an import would. */
const OWN_WASM = 'server/records/zstd.ts'
/** What each folder may import besides itself: the arrows of the architecture. */
const BASE = ['lib', 'env', 'protocol', 'records']
const MAY_IMPORT: Record<string, string[]> = {
  lib: [],
  env: ['lib'],
  protocol: ['lib'],
  records: ['lib', 'protocol'],
  rpc: ['lib', 'env', 'protocol'],
  config: ['lib', 'protocol'],
  client: BASE,
  log: [...BASE, 'config'],
  state: [...BASE, 'config', 'log'],
  metadata: [...BASE, 'config', 'log', 'state'],
  replication: [...BASE, 'config', 'client', 'log', 'state', 'metadata'],
  coordinator: [...BASE, 'config', 'log', 'state', 'metadata', 'replication'],
  quota: [...BASE, 'config', 'log', 'state', 'metadata'],
  controller: [...BASE, 'config', 'client', 'log', 'state', 'metadata', 'replication', 'rpc', 'quota'],
  broker: [
    ...BASE,
    ...['config', 'log', 'state', 'metadata', 'replication', 'coordinator', 'controller', 'client', 'rpc', 'quota'],
  ],
  sim: [
    ...BASE,
    ...[
      'config',
      'log',
      'state',
      'metadata',
      'replication',
      'coordinator',
      'controller',
      'client',
      'broker',
      'rpc',
      'quota',
      'lab',
    ],
  ],
  lab: [...BASE, 'config', 'client'],
  console: [...BASE, 'config', 'client', 'lab'],
  rest: [...BASE, 'config', 'client'],
}
const folderOf = (f: string): string => (f.startsWith('server/') && f.split('/').length > 2 ? f.split('/')[1]! : '')

describe('the code base', () => {
  test('imports go one way: see the map in server/README.md; move what is shared towards lib', () => {
    const wrong = server
      .filter((f) => folderOf(f) in MAY_IMPORT && !isTest(f))
      .flatMap((f) =>
        imports(f).flatMap((specifier) => {
          const to = target(f, specifier)
          if (to === undefined) return []
          const folder = to.startsWith('app/') ? 'app' : folderOf(to)
          const own = folderOf(f)
          return folder === own || MAY_IMPORT[own]!.includes(folder) ? [] : [`${f} imports ${to}`]
        }),
      )
    expect(wrong).toEqual([])
  })

  test('pages import of the server only the console, its shared tables and types', () => {
    const wrong = app.flatMap((f) =>
      imports(f).flatMap((specifier) => {
        const to = target(f, specifier)
        return to?.startsWith('server/') && !/^server\/(console|config|rest\/openapi|lib)/.test(to)
          ? [`${f} imports ${to}`]
          : []
      }),
    )
    expect(wrong).toEqual([])
  })

  test('the engine knows no Next, React, Prisma or tRPC', () => {
    const wrong = server
      .filter((f) => ENGINE.includes(folderOf(f)))
      .flatMap((f) =>
        imports(f)
          .filter((i) => /^(next|react|@prisma|@trpc|@libsql|@tanstack)/.test(i))
          .map((i) => `${f}: ${i}`),
      )
    expect(wrong).toEqual([])
  })

  test('time, chance, files and sockets come in through env', () => {
    const banned =
      /\b(Date\.now|new Date\(\)|Math\.random|performance\.now|setTimeout|setInterval|setImmediate|process\.(env|argv|hrtime))\b|node:(fs|net|dns|os|child_process)\b/
    const tools = /\/(vectors|check_vector|run)\.ts$/
    const wrong = server
      .filter(
        (f) =>
          ENGINE.includes(folderOf(f)) &&
          !isTest(f) &&
          !/^server\/env\/node/.test(f) &&
          !tools.test(f) &&
          f !== OWN_WASM &&
          f !== 'server/broker/process.ts',
      )
      .filter((f) => banned.test(code(f)))
      .map((f) => `${f} uses ${banned.exec(code(f))![0]}: take it from Env`)
    expect(wrong).toEqual([])
  })

  test('only main.ts reads arguments and the environment', () => {
    const tools = /\/(vectors|check_vector|run)\.ts$/
    const wrong = server
      .filter((f) => !isTest(f) && f !== 'server/main.ts' && !tools.test(f))
      .filter((f) => /process\.(argv|env)\b/.test(code(f)))
    expect(wrong).toEqual([])
  })

  test('every file is used: reachable from main.ts, a page, a route, or a script of package.json', () => {
    const scripts =
      readFileSync(join(root, 'package.json'), 'utf8') + readFileSync(join(root, 'prisma.config.ts'), 'utf8')
    const entries = [
      'server/main.ts',
      ...app.filter((f) =>
        /\/(page|layout|route|loading|error|not-found|global-error|template|default)\.tsx?$/.test(f),
      ),
      ...sources.filter((f) => scripts.includes(f)),
      ...sources.filter(isTest),
    ]
    const seen = new Set<string>()
    const visit = (f: string) => {
      if (seen.has(f)) return
      seen.add(f)
      for (const specifier of imports(f)) {
        const to = target(f, specifier)
        if (to) visit(to)
      }
    }
    for (const f of entries) visit(f)
    expect(sources.filter((f) => !seen.has(f))).toEqual([])
  })

  test('API files carry their key, and every handler is in the table', () => {
    const tables: [folders: string[], keys: Iterable<number>][] = [
      [['server/protocol/messages'], apis.map((a) => a.key)],
      [
        ['server/broker/apis', 'server/controller/apis'],
        [...served.keys(), ...servedByControllers.keys()],
      ],
    ]
    for (const [folders, keys] of tables) {
      const keyed = server.filter((f) => folders.includes(dirname(f)) && /\/\d\d_/.test(f) && !isTest(f))
      const found = new Set(keyed.map((f) => Number(f.split('/').at(-1)!.slice(0, 2))))
      expect([...found].sort((a, b) => a - b)).toEqual([...new Set(keys)].sort((a, b) => a - b))
    }
  })

  test('nothing is left half done: no marks of unfinished work', () => {
    const mark = new RegExp(
      `\\b(${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')}|XXX)\\b|not implemented|\\.(skip|only)\\(`,
    )
    expect(sources.filter((f) => f !== 'server/tidy.test.ts' && mark.test(text.get(f)!))).toEqual([])
  })

  test('a file is one thing: none is longer than 600 lines', () => {
    const long = sources.filter(
      (f) => !isTest(f) && statSync(join(root, f)).isFile() && text.get(f)!.split('\n').length > 600,
    )
    expect(long).toEqual([])
  })
})
