/**
 * Applies `prisma/migrations/*` to the console's database, at every start, in the order of their names, each in one
 * transaction, and writes them down where Prisma does (`_prisma_migrations`), so that Prisma's own tools agree about the
 * state of the file. No engine, no download.
 */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Client } from '@libsql/client'
import { ConsoleError } from '../problems.ts'

export interface Migration {
  readonly name: string
  readonly sql: string
}

const TABLE = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "checksum" TEXT NOT NULL,
  "finished_at" DATETIME,
  "migration_name" TEXT NOT NULL,
  "logs" TEXT,
  "rolled_back_at" DATETIME,
  "started_at" DATETIME NOT NULL DEFAULT current_timestamp,
  "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0
)`

/** The project's migrations. The folder is looked for upwards from here: this runs from `server/` and bundled from `dist/`. */
export function projectMigrations(): Migration[] {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'prisma', 'migrations'))) {
    const above = dirname(folder)
    if (above === folder) throw new Error('prisma/migrations is missing beside the program')
    folder = above
  }
  return migrationsIn(join(folder, 'prisma', 'migrations'))
}

export const migrationsIn = (folder: string): Migration[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => ({ name: entry.name, sql: readFileSync(join(folder, entry.name, 'migration.sql'), 'utf8') }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))

/**
 * Applies what is missing; returns the names. Throws STORE_UNAVAILABLE if the file holds migrations that these are not, or
 * one that failed half way under another program.
 */
export async function migrate(client: Client, migrations: readonly Migration[], nowMs: number): Promise<string[]> {
  await client.execute(TABLE)
  const { rows } = await client.execute(
    'SELECT migration_name AS name, checksum, finished_at AS finished FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  )
  const done = new Map(rows.map((row) => [String(row['name']), row]))
  const ours = new Map(migrations.map((m) => [m.name, m]))
  for (const [name, row] of done) {
    const migration = ours.get(name)
    if (!migration) throw refused(`holds the migration ${name}, which a newer version of this program has made`)
    if (row['finished'] === null) throw refused(`holds the migration ${name} only half applied`)
    if (row['checksum'] !== checksum(migration)) throw refused(`was made with another wording of the migration ${name}`)
  }
  const missing = migrations.filter((m) => !done.has(m.name))
  for (const migration of missing) await applyOne(client, migration, nowMs)
  return missing.map((m) => m.name)
}

async function applyOne(client: Client, migration: Migration, nowMs: number): Promise<void> {
  const transaction = await client.transaction('write')
  try {
    await transaction.executeMultiple(migration.sql)
    await transaction.execute({
      sql: `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
            VALUES (?, ?, ?, ?, ?, 1)`,
      args: [randomUUID(), checksum(migration), nowMs, migration.name, nowMs],
    })
    await transaction.commit()
  } finally {
    transaction.close()
  }
}

const checksum = (m: Migration): string => createHash('sha256').update(m.sql).digest('hex')

const refused = (why: string): ConsoleError =>
  new ConsoleError(
    'STORE_UNAVAILABLE',
    `The console’s database ${why}.`,
    'Start the version that wrote it, or move console.db away: a new one is made.',
  )
