/**
 * A simulated world from a seed: machines with disks, processes on them, a network between them, one virtual clock.
 * The same seed and the same program give the same events, to the byte. Faults are chosen by whoever runs it.
 *
 *     const sim = new Simulation(7)
 *     const machine = sim.machine('broker1')
 *     const env = machine.boot()
 *     … await sim.time.runFor(100) … machine.crash() … machine.boot()
 */
import type { Env } from './env.ts'
import { type Owner, SimTime } from './sim_clock.ts'
import { type DiskCall, DiskImage, type DiskOptions, SimDisk } from './sim_disk.ts'
import { type NetworkOptions, SimNetwork } from './sim_network.ts'
import { SimRandom } from './sim_random.ts'

export class Simulation {
  readonly time = new SimTime()
  readonly random: SimRandom
  readonly network: SimNetwork
  private readonly machines = new Map<string, Machine>()

  constructor(
    readonly seed: number | string,
    options: { network?: Partial<NetworkOptions> } = {},
  ) {
    this.random = new SimRandom(seed)
    this.network = new SimNetwork(this.time, this.random.fork('network'), options.network)
  }

  /** The machine of this host name; made when first asked for, and then with these options for its disk. */
  machine(host: string, disk: Partial<DiskOptions> = {}): Machine {
    let machine = this.machines.get(host)
    if (!machine) this.machines.set(host, (machine = new Machine(this, host, disk)))
    return machine
  }
}

export class Machine {
  private image = new DiskImage()
  private locks = new Map<string, Owner>()
  private processes: Owner[] = []
  private disks: SimDisk[] = []
  private boots = 0
  private readonly crashRandom: SimRandom

  constructor(
    private readonly sim: Simulation,
    readonly host: string,
    /** Of processes booted from now on. */
    public disk: Partial<DiskOptions>,
  ) {
    this.crashRandom = sim.random.fork(`${host}/crash`)
  }

  /** Called before every disk call of every process; may call `kill` or `crash`. */
  onDiskCall: (kind: DiskCall, path: string) => void = () => {}

  /** For the processes that run as well, and those that come: what is left out is as usual. */
  changeDisk(disk: Partial<DiskOptions>): void {
    this.disk = disk
    for (const running of this.disks) running.setOptions(disk)
  }

  /** Another disk, empty, in the place of the one that is there: for the processes booted from now on. */
  replaceDisk(): void {
    this.image = new DiskImage()
    this.locks = new Map()
  }

  /** A new process on this machine. */
  boot(): Env & { disk: SimDisk } {
    const owner: Owner = { dead: false }
    this.processes.push(owner)
    this.sim.network.powerIsBack(this.host)
    const random = this.sim.random.fork(`${this.host}/${this.boots++}`)
    const onCall = (kind: DiskCall, path: string) => {
      if (!owner.dead) this.onDiskCall(kind, path)
    }
    const { image, locks } = this
    const disk = new SimDisk(image, locks, owner, this.sim.time, random.fork('disk'), this.disk, onCall)
    this.disks.push(disk)
    return {
      clock: this.sim.time.clock(owner),
      random: random.fork('random'),
      disk,
      network: this.sim.network.of(this.host, owner),
    }
  }

  /** SIGKILL to every process on it: what was written stays. */
  kill(): void {
    this.die(this.image.afterKill())
  }

  /** SIGSTOP to every process on it: nothing of them runs until `resume`; their ports and connections stay. */
  pause(): void {
    for (const owner of this.processes) owner.held ??= []
  }
  resume(): void {
    for (const owner of this.processes) this.sim.time.release(owner)
  }

  /** Loss of power: what was not synced may be gone (see sim_disk.ts). The machine is up again at once: its connections are reset. */
  crash(): void {
    this.die(this.image.afterCrash(this.crashRandom))
  }

  /** The same, and nobody hears of it: until something is booted on it nothing comes from it. */
  losePower(): void {
    this.sim.network.powerLost(this.host)
    this.crash()
  }

  /**
   * The dead get the old image to themselves: a process that dies in the middle of a call runs on to the end of its turn,
   * but nothing of that reaches a disk or a connection, and it is never called again.
   */
  private die(next: DiskImage): void {
    this.image = next
    this.locks = new Map()
    for (const owner of this.processes) {
      owner.dead = true
      this.sim.network.processEnded(owner)
    }
    this.processes = []
    this.disks = []
  }
}

/** One process on one machine: for tests that need an Env and a clock to move. */
export function simEnv(
  seed: number | string = 1,
  disk: Partial<DiskOptions> = {},
): { env: Env & { disk: SimDisk }; machine: Machine; sim: Simulation; time: SimTime } {
  const sim = new Simulation(seed)
  const machine = sim.machine('localhost', disk)
  return { env: machine.boot(), machine, sim, time: sim.time }
}
