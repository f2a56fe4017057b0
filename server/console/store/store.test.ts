import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createClient } from '@libsql/client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { KafkaError } from '../../protocol/errors.ts'
import { AuditLog } from '../audit.ts'
import { Views } from '../views.ts'
import { History, resolutionFor, thin } from './history.ts'
import { migrate, projectMigrations } from './migrations.ts'
import { schemaDiff } from './schema_diff.ts'
import { openStore, type Store } from './store.ts'

let folder: string
let store: Store
const NOW = 1_700_000_000_000
const schemaFile = fileURLToPath(new URL('../../../prisma/schema.prisma', import.meta.url))
const schema = readFileSync(schemaFile, 'utf8')
const file = () => join(folder, 'data', 'console.db')
const url = () => pathToFileURL(file()).href

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-store-'))
  store = await openStore(file(), { nowMs: NOW })
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

test('the first start creates folder and file, the second finds nothing left to migrate', async () => {
  expect(store.problem).toBeNull()
  const client = createClient({ url: url() })
  expect(await migrate(client, projectMigrations(), NOW)).toEqual([])
  const { rows } = await client.execute('SELECT migration_name, finished_at FROM _prisma_migrations')
  expect(rows.map((r) => String(r['migration_name']))).toEqual(projectMigrations().map((m) => m.name))
  client.close()
})

test('the migrations lead to exactly the schema', async () => {
  expect(await schemaDiff(url(), schema)).toBe('')
})

test('a schema with one field more is told from the migrations', async () => {
  expect(await schemaDiff(url(), schema.replace('model SavedView {', 'model SavedView {\n  note String?'))).toContain(
    'note',
  )
})

test('the generated client belongs to the schema', () => {
  const generated = readFileSync(fileURLToPath(new URL('./generated/internal/class.ts', import.meta.url)), 'utf8')
  expect(generated.includes(JSON.stringify(schema)), 'run: npx prisma generate').toBe(true)
})

test('a migration that fails leaves nothing of itself behind', async () => {
  const client = createClient({ url: url() })
  const bad = { name: '29990101000000_bad', sql: 'CREATE TABLE Half (a INT);\nCREATE TABLE Half (a INT);' }
  await expect(migrate(client, [...projectMigrations(), bad], NOW)).rejects.toThrow(/already exists/)
  const { rows } = await client.execute("SELECT name FROM sqlite_master WHERE name = 'Half'")
  expect(rows).toEqual([])
  client.close()
})

test('a file from a newer version is left alone, and the problem says so', async () => {
  const client = createClient({ url: url() })
  await migrate(
    client,
    [...projectMigrations(), { name: '29990101000000_later', sql: 'CREATE TABLE Later (a INT)' }],
    NOW,
  )
  client.close()
  const again = await openStore(file(), { nowMs: NOW })
  expect(again.problem).toMatchObject({
    code: 'STORE_UNAVAILABLE',
    message: expect.stringContaining('29990101000000_later'),
  })
  expect(() => again.db()).toThrow(/newer version/)
})

test.each([
  [
    'a file that is no database',
    () => writeFileSync(join(folder, 'x'), 'not a database, but long enough to be read as one'.repeat(200)),
    'x',
    /not a SQLite database/,
  ],
  ['a folder in the file’s place', () => mkdirSync(join(folder, 'y')), 'y', /cannot be used/],
  ['a file in the folder’s place', () => writeFileSync(join(folder, 'z'), ''), 'z/console.db', /cannot be used/],
])('%s makes the store unavailable in one sentence and does not throw', async (_, prepare, name, message) => {
  prepare()
  const broken = await openStore(join(folder, name), { nowMs: NOW })
  expect(broken.problem?.message).toMatch(message)
})

const log = () =>
  new AuditLog(
    () => store,
    'default',
    () => NOW,
    () => {},
  )
const all = { search: '', resourceType: null, resourceName: null, outcome: null, page: 1, perPage: 10 }
const change = (name: string) => ({
  action: 'topics.create',
  resource: { type: 'topic' as const, name },
  before: null,
  after: { partitions: 3 },
})

test('a change is written down with who, before and after; a failed one with its reason, and the error goes on', async () => {
  const actor = { who: 'local', sourceIp: '127.0.0.1' }
  const done = await log().record(actor, change('orders'), async () => 'Created.')
  await expect(
    log().record(actor, change('payments'), async () => {
      throw new KafkaError('TOPIC_ALREADY_EXISTS')
    }),
  ).rejects.toThrow(KafkaError)
  const { rows, total } = await log().list({ ...all, search: 'orders' })
  expect(total).toBe(1)
  expect(rows).toEqual([
    {
      id: done.auditId,
      atMs: NOW,
      who: 'local',
      sourceIp: '127.0.0.1',
      action: 'topics.create',
      resourceType: 'topic',
      resourceName: 'orders',
      before: null,
      after: { partitions: 3 },
      outcome: 'applied',
      error: null,
    },
  ])
  const failed = (await log().list({ ...all, outcome: 'failed' })).rows
  expect(failed).toMatchObject([{ resourceName: 'payments', outcome: 'failed' }])
  expect(await log().get(failed[0]!.id)).toEqual(failed[0])
  await expect(log().get('absent')).rejects.toThrow('no such entry')
})

test('without a store a change still goes through, and says that it was not written down', async () => {
  writeFileSync(join(folder, 'file'), '')
  const broken = await openStore(join(folder, 'file', 'console.db'), { nowMs: NOW })
  const applied = await new AuditLog(
    () => broken,
    'default',
    () => NOW,
    () => {},
  ).record({ who: 'local', sourceIp: null }, change('orders'), async () => 'Created.')
  expect(applied).toEqual({ auditId: null, message: 'Created.' })
})

test('a view saved under a name that exists replaces it', async () => {
  const views = new Views(
    () => store,
    'default',
    () => NOW,
  )
  const actor = { who: 'local', sourceIp: null }
  const save = (url: string) => views.save({ cluster: 'default', page: 'topics', name: 'Mine', url }, actor)
  await save('/clusters/default/topics?q=a')
  const { id } = await save('/clusters/default/topics?q=b')
  expect(await views.list('topics')).toMatchObject([{ id, url: '/clusters/default/topics?q=b' }])
  await views.delete(id)
  expect(await views.list(null)).toEqual([])
})

test('ten-second steps become minutes and ten minutes with weighted means and the highest value, once', async () => {
  const history = new History(store.db(), 'default')
  const start = Math.floor(NOW / 600_000) * 600_000
  for (let i = 0; i < 60; i++) {
    await history.write(start + i * 10_000, [
      { name: 'recordsIn', subject: '', mean: i < 6 ? 10 : 40, highest: i, samples: i % 2 ? 3 : 1 },
    ])
  }
  const now = start + 600_000
  await history.maintain(now)
  await history.maintain(now)
  const read = (fromMs: number, maxPoints: number) =>
    history.read({ name: 'recordsIn', subject: '', fromMs, toMs: now, maxPoints }, now)
  expect((await read(start, 600)).points).toHaveLength(60)
  const minutes = await read(now - 86_400_000, 1440)
  expect(minutes.stepMs).toBe(60_000)
  expect(minutes.points.slice(0, 2)).toEqual([
    [start, 10, 5],
    [start + 60_000, 40, 11],
  ])
  const tens = await read(now - 80 * 86_400_000, 1440)
  expect(tens).toEqual({ stepMs: 600_000, points: [[start, 37, 59]] })
})

test('what is older than it is kept goes, step by step', async () => {
  const history = new History(store.db(), 'default')
  await history.write(NOW, [{ name: 'lag', subject: '', mean: 1, highest: 1, samples: 10 }])
  const kept = async () => (await store.db().metricPoint.findMany({ orderBy: { stepMs: 'asc' } })).map((p) => p.stepMs)
  const HOUR_MS = 3_600_000
  await history.maintain(NOW + 5 * HOUR_MS)
  expect(await kept()).toEqual([10_000, 60_000, 600_000])
  await history.maintain(NOW + 7 * HOUR_MS)
  expect(await kept()).toEqual([60_000, 600_000])
  await history.maintain(NOW + 8 * 24 * HOUR_MS)
  expect(await kept()).toEqual([600_000])
  await history.maintain(NOW + 91 * 24 * HOUR_MS)
  expect(await kept()).toEqual([])
})

test('a step written twice counts once', async () => {
  const history = new History(store.db(), 'default')
  const step = (mean: number) => [{ name: 'groupLag' as const, subject: 'g', mean, highest: mean, samples: 1 }]
  await history.write(NOW, step(1))
  await history.write(NOW, step(2))
  const ask = { name: 'groupLag' as const, subject: 'g', fromMs: NOW, toMs: NOW + 1, maxPoints: 10 }
  expect((await history.read(ask, NOW)).points).toEqual([[NOW, 2, 2]])
})

test.each([
  [3_600_000, 600, 10_000],
  [6 * 3_600_000, 600, 10_000],
  [24 * 3_600_000, 600, 60_000],
  [30 * 86_400_000, 600, 600_000],
  [365 * 86_400_000, 600, 600_000],
])('a chart of %i ms in %i points reads steps of %i ms', (rangeMs, maxPoints, stepMs) => {
  expect(resolutionFor({ fromMs: NOW - rangeMs, toMs: NOW, maxPoints }, NOW).stepMs).toBe(stepMs)
})

test('thinning keeps the mean and the highest, and slots are aligned to their step', () => {
  const points = [0, 1, 2, 3, 4, 5].map((i) => [i * 1000, i, i * 10] as const)
  expect(thin(points, { fromMs: 0, toMs: 6000, stepMs: 1000, maxPoints: 3 })).toEqual({
    stepMs: 2000,
    points: [
      [0, 0.5, 10],
      [2000, 2.5, 30],
      [4000, 4.5, 50],
    ],
  })
})
