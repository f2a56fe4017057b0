/**
 * `npx tsx prisma/new_migration.ts NAME`: what the schema has and the migrations have not, as a new migration. Look at it
 * before it is committed: a column that was renamed comes out as one dropped and one added.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createClient } from '@libsql/client'
import { migrate, migrationsIn } from '../server/console/store/migrations.ts'
import { schemaDiff } from '../server/console/store/schema_diff.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const name = process.argv[2]
if (!name || !/^[a-z0-9_]+$/.test(name)) {
  console.error('usage: npx tsx prisma/new_migration.ts NAME   (small letters, digits and _)')
  process.exit(2)
}

const scratch = mkdtempSync(join(tmpdir(), 'weir-migration-'))
const url = pathToFileURL(join(scratch, 'scratch.db')).href
try {
  const client = createClient({ url })
  await migrate(client, migrationsIn(join(here, 'migrations')), Date.now())
  client.close()
  const sql = await schemaDiff(url, readFileSync(join(here, 'schema.prisma'), 'utf8'))
  if (sql === '') console.log('Nothing is missing: the migrations lead to the schema.')
  else {
    const folder = join(here, 'migrations', `${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}_${name}`)
    mkdirSync(folder)
    writeFileSync(join(folder, 'migration.sql'), `${sql}\n`)
    console.log(`${folder}/migration.sql\n${sql}`)
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
