/** A controller and brokers, each on a simulated machine of its own: for tests of what is between them. */
import { BrokerConnection } from '../../client/connection.ts'
import { type ControllerNode, startController } from '../../controller/controller.ts'
import { type Machine, Simulation } from '../../env/sim.ts'
import type { NetworkOptions } from '../../env/sim_network.ts'
import type { Api } from '../../protocol/api.ts'
import type { Fields, Infer, Input, Message } from '../../protocol/schema.ts'
import { type Broker, startBroker } from '../broker.ts'
import type { LifeTold } from '../life_before.ts'

export const CONTROLLER = { host: 'controller', port: 9093 }
const CONTROLLER_ID = 3000
const PORT = 9092

export const brokerHost = (id: number) => `broker${id}`

export function remoteStage(
  o: {
    seed?: number
    network?: Partial<NetworkOptions>
    controllerSettings?: Record<string, string>
    brokerSettings?: Record<string, string>
  } = {},
) {
  const sim = new Simulation(o.seed ?? 1, o.network === undefined ? {} : { network: o.network })
  const client = sim.machine('client').boot()
  const lines: string[] = []
  const write = (line: string) => void lines.push(line.replace(/^\S+ /, ''))
  const brokers = new Map<number, Broker>()
  const connections = new Map<number, BrokerConnection>()
  /** What their supervisor remembers of each. */
  const told = new Map<number, LifeTold | undefined>()
  const down: number[] = []
  let controller: ControllerNode | undefined
  const wait = <T>(promise: Promise<T>, limitMs?: number): Promise<T> => sim.time.runUntilSettled(promise, limitMs)
  const machineOf = (id: number | 'controller'): Machine =>
    sim.machine(id === 'controller' ? CONTROLLER.host : brokerHost(id))
  return {
    sim,
    lines,
    wait,
    brokers,
    /** Those that could not follow their cluster any more. */
    down,
    machineOf,
    get controller(): ControllerNode {
      return controller!
    },
    async startController(settings: Record<string, string> = {}): Promise<void> {
      controller = await startController({
        env: machineOf('controller').boot(),
        nodeId: CONTROLLER_ID,
        dataDir: '/controller',
        ...CONTROLLER,
        settings: new Map(Object.entries({ ...o.controllerSettings, ...settings })),
        spoilBlocks: true,
        write,
      })
    },
    /** Does not move the clock. */
    async startBroker(id: number, settings: Record<string, string> = {}): Promise<Broker> {
      const broker = await startBroker({
        env: machineOf(id).boot(),
        nodeId: id,
        dataDir: settings['log.dirs']?.split(',') ?? '/data',
        host: brokerHost(id),
        port: PORT,
        settings: new Map(
          Object.entries({
            'process.roles': 'broker',
            'controller.quorum.voters': `${CONTROLLER_ID}@${CONTROLLER.host}:${CONTROLLER.port}`,
            'group.initial.rebalance.delay.ms': '0',
            ...o.brokerSettings,
            ...settings,
          }),
        ),
        syncAcksAll: true,
        spoilBlocks: true,
        write,
        lifeBefore: told.get(id),
        onLife: (life) => told.set(id, life),
        onDown: () => down.push(id),
      })
      brokers.set(id, broker)
      return broker
    },
    async stopBroker(id: number): Promise<void> {
      const broker = brokers.get(id)!
      brokers.delete(id)
      await wait(broker.stop())
      machineOf(id).kill()
    },
    killBroker(id: number): void {
      brokers.delete(id)
      machineOf(id).kill()
    },
    killController(): void {
      controller = undefined
      machineOf('controller').kill()
    },
    /** Runs until it holds, at most so long. */
    async until(holds: () => boolean, limitMs = 30_000): Promise<boolean> {
      return sim.time.runUntil(holds, limitMs)
    },
    crashBroker(id: number): void {
      brokers.delete(id)
      told.delete(id)
      machineOf(id).crash()
    },
    /** Sends a client's request; the clock is not moved. Rejects where the broker cannot be reached. */
    async send<Q extends Fields, S extends Fields>(
      id: number,
      api: Api<Q, S>,
      body: Input<Message<Q>>,
      version?: number,
    ): Promise<Infer<Message<S>>> {
      let connection = connections.get(id)
      if (connection === undefined || connection.ended) {
        connection = await BrokerConnection.open(
          client,
          { host: brokerHost(id), port: PORT },
          { clientId: 'test', requestTimeoutMs: 60_000, connectTimeoutMs: 1_000, maxResponseBytes: 1 << 28 },
        )
        connections.set(id, connection)
      }
      return connection.send(api, body, version === undefined ? {} : { minVersion: version, maxVersion: version })
    },
    ask<Q extends Fields, S extends Fields>(
      id: number,
      api: Api<Q, S>,
      body: Input<Message<Q>>,
      version?: number,
    ): Promise<Infer<Message<S>>> {
      return wait(this.send(id, api, body, version))
    },
  }
}
