/**
 * What SQL leads from a database to `prisma/schema.prisma`: empty when the migrations are complete. For development and tests
 * only: it needs Prisma's schema engine, which the running console does not have.
 */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'

/** `url`: a database that all migrations were applied to. Returns '' if nothing is missing. */
export async function schemaDiff(url: string, schema: string): Promise<string> {
  const SchemaEngine = await (engineClass ??= loadEngine())
  const files = { files: [{ path: 'schema.prisma', content: schema }] }
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaLibSql({ url }))
  const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => {}, adapter as never)
  try {
    const result = await engine.diff({
      from: { tag: 'schemaDatasource', ...files, configDir: '.' },
      to: { tag: 'schemaDatamodel', ...files },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    })
    const sql = (result.stdout ?? '').trim()
    return sql === '-- This is an empty migration.' ? '' : sql
  } finally {
    engine.free()
  }
}

/** Its glue code keeps state in its module: one instance a process. */
let engineClass: Promise<Engine> | undefined

type Engine = typeof import('@prisma/schema-engine-wasm').SchemaEngine

/** The package imports its .wasm as a module, which Node does not: it is put together by hand. */
async function loadEngine(): Promise<Engine> {
  const require = createRequire(import.meta.url)
  const glue: any = await import('@prisma/schema-engine-wasm/schema_engine_bg')
  const bytes = readFileSync(
    require.resolve('@prisma/schema-engine-wasm').replace(/schema_engine\.js$/, 'schema_engine_bg.wasm'),
  )
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': glue })
  glue.__wbg_set_wasm(instance.exports)
  ;(instance.exports['__wbindgen_start'] as () => void)()
  return glue.SchemaEngine
}
