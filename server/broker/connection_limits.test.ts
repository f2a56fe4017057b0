/** Limits on connections as clients and administrators meet them. */
import { expect, test } from 'vitest'
import type { BrokerConnection } from '../client/connection.ts'
import { ApiVersions } from '../protocol/messages/18_api_versions.ts'
import { IncrementalAlterConfigs } from '../protocol/messages/44_incremental_alter_configs.ts'
import { AlterClientQuotas } from '../protocol/messages/49_alter_client_quotas.ts'
import { stage } from './testing.ts'

const BROKER = 4

async function start(settings: Record<string, string> = {}) {
  const s = stage()
  await s.start(settings)
  const open: BrokerConnection[] = []
  const connect = async () => {
    try {
      open.push(await s.connect())
      return 'served'
    } catch (error) {
      return (error as Error).message.includes('closed') ? 'closed' : 'waits'
    }
  }
  /** Does it answer still? */
  const alive = async (c: BrokerConnection) => {
    const answer = c.send(ApiVersions, {}, { maxVersion: 0 }).then(
      () => true,
      () => false,
    )
    return s.wait(answer)
  }
  const set = async (name: string, value: string, broker = '') => {
    const configs = [{ name, configOperation: 0, value }]
    const resources = [{ resourceType: BROKER, resourceName: broker, configs }]
    const { responses } = await s.ask(IncrementalAlterConfigs, 1, { resources, validateOnly: false })
    expect(responses[0]!.errorMessage).toBe(null)
  }
  return { s, open, connect, alive, set }
}

test('an address has as many connections as max.connections.per.ip says, of now', async () => {
  const { connect, set, open } = await start({ 'max.connections.per.ip': '2' })
  expect([await connect(), await connect(), await connect()]).toEqual(['served', 'served', 'closed'])
  open[0]!.close()
  await set('max.connections.per.ip', '3')
  expect([await connect(), await connect()]).toEqual(['served', 'closed'])
})

test('above max.connections one waits, and where it is lowered the most silent goes', async () => {
  const { s, connect, alive, set, open } = await start({ 'listener.name.plaintext.max.connections': '3' })
  expect([await connect(), await connect()]).toEqual(['served', 'served'])
  await s.sim.time.runFor(1000)
  await set('max.connections', '2')
  expect([await alive(open[1]!), await alive(open[0]!)]).toEqual([true, false])
  const late = connect()
  await s.sim.time.runFor(500)
  open[1]!.close()
  expect(await s.wait(late)).toBe('served')
})

test('a connection that says nothing for connections.max.idle.ms is closed, one that does is not', async () => {
  const { s, connect, open } = await start({ 'connections.max.idle.ms': '2000' })
  await connect()
  await connect()
  for (let i = 0; i < 5; i++) {
    await s.sim.time.runFor(1000)
    if (open[0]!.ended === undefined) await s.wait(open[0]!.send(ApiVersions, {}, { maxVersion: 0 }))
  }
  expect(open.map((c) => c.ended === undefined)).toEqual([true, false])
})

test('an address that connects faster than its quota is closed, until it has waited', async () => {
  const { s, connect } = await start()
  const entity = [{ entityType: 'ip', entityName: null }]
  const ops = [{ key: 'connection_creation_rate', value: 1, remove: false }]
  await s.ask(AlterClientQuotas, 1, { entries: [{ entity, ops }], validateOnly: false })
  const many = []
  for (let i = 0; i < 12; i++) many.push(await connect())
  expect([many[0], many.at(-1)]).toEqual(['served', 'closed'])
  await s.sim.time.runFor(15_000)
  expect(await connect()).toBe('served')
})
