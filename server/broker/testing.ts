/** A broker on a simulated machine, and who asks it: for tests of what several parts do together. */
import { BrokerConnection } from '../client/connection.ts'
import { Simulation } from '../env/sim.ts'
import type { DiskOptions } from '../env/sim_disk.ts'
import type { Api } from '../protocol/api.ts'
import type { Fields, Infer, Input, Message } from '../protocol/schema.ts'
import { type Broker, startBroker } from './broker.ts'

const ADDRESS = { host: 'broker', port: 9092 }

export function stage(o: { seed?: number; disk?: Partial<DiskOptions> } = {}) {
  const sim = new Simulation(o.seed ?? 1)
  const machine = sim.machine(ADDRESS.host, o.disk)
  const client = sim.machine('client').boot()
  const lines: string[] = []
  const wait = <T>(promise: Promise<T>): Promise<T> => sim.time.runUntilSettled(promise)
  let broker: Broker | undefined
  const connect = () =>
    wait(
      BrokerConnection.open(client, ADDRESS, {
        clientId: 'test',
        requestTimeoutMs: 30_000,
        connectTimeoutMs: 1_000,
        maxResponseBytes: 1 << 28,
      }),
    )
  let connection: BrokerConnection | undefined
  return {
    sim,
    machine,
    client,
    lines,
    /** As another process sees it. */
    disk: () => machine.boot().disk,
    wait,
    connect,
    get broker(): Broker {
      return broker!
    },
    async start(settings: Record<string, string> = {}): Promise<void> {
      connection = undefined
      broker = await wait(
        startBroker({
          env: machine.boot(),
          nodeId: 1,
          dataDir: settings['log.dirs']?.split(',') ?? '/data',
          ...ADDRESS,
          settings: new Map(Object.entries({ 'group.initial.rebalance.delay.ms': '0', ...settings })),
          syncAcksAll: true,
          spoilBlocks: true,
          write: (line) => lines.push(line.replace(/^\S+ /, '')),
        }),
      )
    },
    async stop(): Promise<void> {
      await wait(broker!.stop())
      machine.kill()
    },
    /** Asks in that version, over a connection that is kept. */
    async ask<Q extends Fields, S extends Fields>(
      api: Api<Q, S>,
      version: number,
      body: Input<Message<Q>>,
    ): Promise<Infer<Message<S>>> {
      connection = connection?.ended === undefined && connection !== undefined ? connection : await connect()
      return wait(connection.send(api, body, { minVersion: version, maxVersion: version }))
    },
  }
}
