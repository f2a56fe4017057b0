/**
 * The console's database file: opened, migrated, and handed to what keeps things in it. A file that cannot be opened or
 * written does not stop the console: the store is then unavailable, says why, and everything else works.
 */
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createClient } from '@libsql/client'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { ConsoleError, type Problem, problemOf } from '../problems.ts'
import { PrismaClient } from './generated/client.ts'
import { type Migration, migrate, projectMigrations } from './migrations.ts'

/** Another process may hold the file for so long before a write fails. */
const LOCK_WAIT_MS = 5_000

export interface Store {
  /** Null while it works. */
  readonly problem: Problem | null
  /** Throws STORE_UNAVAILABLE. */
  readonly db: () => PrismaClient
  readonly close: () => Promise<void>
}

export async function openStore(
  file: string,
  options: { nowMs: number; migrations?: readonly Migration[] },
): Promise<Store> {
  try {
    const db = await open(file, options)
    return { problem: null, db: () => db, close: () => db.$disconnect() }
  } catch (error) {
    const problem = problemOf(unavailable(file, error))
    return {
      problem,
      db: () => {
        throw new ConsoleError('STORE_UNAVAILABLE', problem.message, problem.hint)
      },
      close: async () => {},
    }
  }
}

async function open(
  file: string,
  options: { nowMs: number; migrations?: readonly Migration[] },
): Promise<PrismaClient> {
  mkdirSync(dirname(file), { recursive: true })
  // SQLite opens a file it may only read, and fails at the first write; better to know now.
  accessSync(existsSync(file) ? file : dirname(file), constants.R_OK | constants.W_OK)
  const url = pathToFileURL(file).href
  const client = createClient({ url, timeout: LOCK_WAIT_MS })
  try {
    // Written into the file, so it holds for Prisma's connections as well: readers and the writer do not wait for each other.
    await client.execute('PRAGMA journal_mode = WAL')
    await migrate(client, options.migrations ?? projectMigrations(), options.nowMs)
  } finally {
    client.close()
  }
  // Numbers beyond 2^53 would throw on reading with the adapter's default.
  const adapter = new PrismaLibSql({ url, intMode: 'bigint', timeout: LOCK_WAIT_MS })
  const db = new PrismaClient({ adapter, log: [] })
  await db.auditEntry.count()
  return db
}

function unavailable(file: string, error: unknown): ConsoleError {
  if (error instanceof ConsoleError) return error
  const { code, message } = error as { code?: string; message?: string }
  const what = sentences[code ?? ''] ?? message ?? 'it cannot be opened'
  return new ConsoleError(
    'STORE_UNAVAILABLE',
    `The console’s database ${file} cannot be used: ${what}.`,
    'History of figures, audit log and saved views are not kept until this is mended and the console is started again.',
  )
}

const sentences: Record<string, string | undefined> = {
  EACCES: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'its folder is a file',
  SQLITE_NOTADB: 'the file is not a SQLite database',
  SQLITE_CORRUPT: 'the file is damaged',
  SQLITE_READONLY: 'the file is read-only',
  SQLITE_BUSY: 'another process holds it',
  SQLITE_CANTOPEN: 'the file cannot be opened',
}
