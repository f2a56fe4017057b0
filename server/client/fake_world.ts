/** A fake cluster and a client of it in one simulated world, for tests. */
import { Simulation } from '../env/sim.ts'
import { type Client, createClient } from './client.ts'
import type { ClusterOptions } from './cluster.ts'
import { FakeCluster } from './fake_cluster.ts'

export interface World {
  sim: Simulation
  fake: FakeCluster
  client: Client
  /** Runs the world until the promise settles. */
  run<T>(promise: Promise<T>, limitMs?: number): Promise<T>
  /** The error that it rejects with. */
  fails(promise: Promise<unknown>, limitMs?: number): Promise<any>
}

export async function fakeWorld(
  options: {
    seed?: number
    nodes?: number
    client?: Partial<ClusterOptions>
    prepare?: (fake: FakeCluster) => void
  } = {},
): Promise<World> {
  const sim = new Simulation(options.seed ?? 1)
  const fake = new FakeCluster()
  options.prepare?.(fake)
  const addresses: { host: string; port: number }[] = []
  for (let node = 1; node <= (options.nodes ?? 1); node++) {
    const host = `broker${node}`
    addresses.push(await fake.start(node, sim.machine(host).boot(), host, 9092))
  }
  const client = createClient(sim.machine('client').boot(), { bootstrap: addresses, ...options.client })
  const run = <T>(promise: Promise<T>, limitMs?: number) => sim.time.runUntilSettled(promise, limitMs)
  const fails = async (promise: Promise<unknown>, limitMs?: number) => {
    try {
      await run(promise, limitMs)
    } catch (error) {
      return error
    }
    throw new Error('it succeeded where it should fail')
  }
  return { sim, fake, client, run, fails }
}
