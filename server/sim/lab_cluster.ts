/** A controller and three brokers on simulated machines under the lab's control, as a supervisor has them as processes: for tests. */
import { startBroker } from '../broker/broker.ts'
import { startController } from '../controller/controller.ts'
import { type Faults, withFaults } from '../env/faults.ts'
import { Simulation } from '../env/sim.ts'
import { type Controlled, LabControl } from '../lab/control.ts'
import type { Control, LabCall, LabProcess, ProcessState } from '../lab/processes.ts'

const CONTROLLER_ID = 3000
const HOSTS = { controller: 'controller', broker: (id: number) => `broker${id}` }
/** A supervisor's back-off, and what a process takes to start. */
const START_MS = 300

interface Stoppable {
  stop(): Promise<void>
}

export interface SimulatedCluster {
  readonly sim: Simulation
  readonly control: Control
  readonly bootstrap: readonly string[]
  /** Of whoever is stopped: its partitions are gone. */
  loseDisk(): void
}

/** Resolves when all brokers are there; the clock moves. */
export async function simulatedCluster(o: { seed: number; sessionMs: number }): Promise<SimulatedCluster> {
  const sim = new Simulation(o.seed)
  const settings = new Map([
    ['process.roles', 'broker'],
    ['controller.quorum.voters', `${CONTROLLER_ID}@${HOSTS.controller}:9093`],
    ['controller.listener.names', 'CONTROLLER'],
    ['broker.session.timeout.ms', String(o.sessionMs)],
    ['offsets.topic.replication.factor', '3'],
  ])
  const common = { syncAcksAll: true, write: () => {} }
  const processes: SimulatedProcess[] = [
    new SimulatedProcess(
      sim,
      { role: 'controller', nodeId: CONTROLLER_ID, host: HOSTS.controller, port: 9093 },
      (env) =>
        startController({
          env,
          nodeId: CONTROLLER_ID,
          dataDir: '/controller',
          host: HOSTS.controller,
          port: 9093,
          settings: new Map([['broker.session.timeout.ms', String(o.sessionMs)]]),
          write: () => {},
        }),
    ),
    ...[1, 2, 3].map((nodeId) => {
      // Ports of their own: what is cut off is named by its port.
      const at = { host: HOSTS.broker(nodeId), port: 9000 + nodeId }
      return new SimulatedProcess(sim, { role: 'broker', nodeId, ...at }, (env) =>
        startBroker({ env, nodeId, dataDir: '/data', ...at, settings, ...common }),
      )
    }),
  ]
  const lab = new LabControl(
    () => processes,
    async () => undefined,
  )
  for (const one of processes) one.onChange = () => lab.changed(one)
  const ask = async (call: LabCall): Promise<readonly LabProcess[]> => {
    const answer = await lab.answer(call)
    if ('error' in answer) throw new Error(answer.error)
    return answer.processes
  }
  await sim.time.runUntilSettled(Promise.all(processes.map((one) => one.start())))
  return {
    sim,
    bootstrap: [1, 2, 3].map((id) => `${HOSTS.broker(id)}:${9000 + id}`),
    loseDisk: () => {
      for (const one of processes) if (one.state === 'stopped') one.losePartitions()
    },
    control: {
      processes: () => ask({ do: 'list' }),
      act: async (process, action) => void (await ask({ do: 'act', process, action })),
      setFaults: async (process, faults) => void (await ask({ do: 'faults', process, faults })),
    },
  }
}

/** A machine that runs one process, and whoever starts it again. */
class SimulatedProcess implements Controlled {
  readonly id: string
  readonly name: string
  readonly role: string
  readonly nodeId: number
  readonly port: number
  sinceMs = 0
  onChange: () => void = () => {}
  private held = false
  private now: ProcessState = 'stopped'
  private serves: Stoppable | undefined
  private set: (faults: Faults) => void = () => {}
  private starts = 0
  private readonly supervisor

  constructor(
    sim: Simulation,
    at: { role: string; nodeId: number; host: string; port: number },
    private readonly run: (env: ReturnType<typeof withFaults>['env']) => Promise<Stoppable>,
  ) {
    this.role = at.role
    this.nodeId = at.nodeId
    this.port = at.port
    this.id = at.role === 'broker' ? `broker-${at.nodeId}` : at.role
    this.name = this.id
    this.machine = sim.machine(at.host)
    this.supervisor = sim.machine(`supervisor of ${this.id}`).boot()
  }
  private readonly machine

  async start(): Promise<void> {
    const { env, set } = withFaults(this.machine.boot())
    const start = ++this.starts
    this.set = set
    this.now = 'starting'
    this.onChange()
    const serves = await this.run(env)
    if (start !== this.starts) return
    this.serves = serves
    this.now = 'running'
    this.onChange()
  }

  get pid(): number | undefined {
    return this.now === 'stopped' || this.now === 'restarting' ? undefined : this.nodeId
  }
  get state(): ProcessState {
    return this.now
  }
  async kill(): Promise<void> {
    this.machine.kill()
    this.gone()
  }
  pause(): void {
    this.machine.pause()
    this.now = 'paused'
  }
  resume(): void {
    this.machine.resume()
    this.now = 'running'
  }
  hold(): void {
    this.held = true
  }
  release(): void {
    this.held = false
    if (this.pid === undefined) this.startSoon()
  }
  async end(): Promise<void> {
    this.now = 'stopping'
    await this.serves?.stop()
    await this.kill()
  }
  give(faults: Faults): void {
    this.set(faults)
  }

  losePartitions(): void {
    const { disk } = this.machine.boot()
    for (const { name } of disk.list('/data')) {
      if (name.startsWith('__weir_lab-')) disk.remove(`/data/${name}`)
    }
    disk.syncDirectory('/data')
    this.machine.kill()
  }

  private gone(): void {
    this.serves = undefined
    this.starts++
    this.now = this.held ? 'stopped' : 'restarting'
    if (!this.held) this.startSoon()
  }
  private startSoon(): void {
    this.supervisor.clock.after(START_MS, () => {
      if (!this.held && this.pid === undefined) void this.start()
    })
  }
}
