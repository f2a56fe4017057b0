/** The metadata log from a broker that was its own controller to a controller of its own, and back; interrupted anywhere. */
import { describe, expect, test } from 'vitest'
import { startBroker } from '../broker/broker.ts'
import { readQuorumEpoch } from '../broker/link/quorum_state.ts'
import { BrokerConnection } from '../client/connection.ts'
import { type Machine, Simulation } from '../env/sim.ts'
import type { SimDisk } from '../env/sim_disk.ts'
import { CLUSTER_METADATA_DIR } from '../log/file_names.ts'
import { defaultLogConfig } from '../log/log_config.ts'
import { LogManager } from '../log/log_manager.ts'
import { readMetaProperties } from '../log/meta_properties.ts'
import { Configs } from '../metadata/configs.ts'
import { CLUSTER_METADATA } from '../metadata/internal_topics.ts'
import { votersBatch } from '../metadata/quorum_records.ts'
import { CreateTopics } from '../protocol/messages/19_create_topics.ts'
import { ZERO_UUID } from '../protocol/schema.ts'
import { type Hands, handToBroker, handToController } from './change_hands.ts'
import { startController } from './controller.ts'
import { openQuorum } from './local_quorum.ts'
import { METADATA_TOPIC_ID } from './metadata_log.ts'

const BROKER = '/data'
const CONTROLLER = '/data/controller'

const hands = (env: Hands['env']): Hands => ({
  env,
  brokerDir: BROKER,
  brokerId: 1,
  controllerDir: CONTROLLER,
  controllerId: 3000,
})

const belongsToController = (disk: SimDisk) => disk.exists(`${CONTROLLER}/meta.properties`)

/** A broker that was its own controller has made these topics, kept a snapshot, and been stopped or killed. */
async function oneBroker(sim: Simulation, machine: Machine, topics: readonly string[], end: 'stop' | 'crash' = 'stop') {
  const wait = <T>(promise: Promise<T>): Promise<T> => sim.time.runUntilSettled(promise)
  const broker = await wait(
    startBroker({
      env: machine.boot(),
      nodeId: 1,
      dataDir: BROKER,
      host: machine.host,
      port: 9092,
      settings: new Map([['metadata.log.max.record.bytes.between.snapshots', '600']]),
      syncAcksAll: true,
      write: () => {},
    }),
  )
  const client = await wait(
    BrokerConnection.open(sim.machine('client').boot(), broker.address, {
      clientId: 'test',
      requestTimeoutMs: 30_000,
      connectTimeoutMs: 1_000,
      maxResponseBytes: 1 << 20,
    }),
  )
  for (const name of topics) {
    const topic = { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
    await wait(client.send(CreateTopics, { topics: [topic], timeoutMs: 1_000, validateOnly: false }))
  }
  const { clusterId } = broker
  if (end === 'stop') {
    await wait(broker.stop())
    machine.kill()
  } else machine.crash()
  return { clusterId, wait }
}

/** Whoever owns the log starts with it and tells what is in it. */
async function lookInto(sim: Simulation, machine: Machine) {
  const env = machine.boot()
  const wait = <T>(promise: Promise<T>): Promise<T> => sim.time.runUntilSettled(promise)
  const common = { env, host: machine.host, settings: new Map(), write: () => {} }
  if (belongsToController(env.disk)) {
    const node = await wait(startController({ ...common, nodeId: 3000, dataDir: CONTROLLER, port: 9093 }))
    const seen = {
      owner: 3000,
      clusterId: node.clusterId,
      topics: [...node.controller.image.topics.keys()],
      epoch: node.metadataLog.leaderEpoch,
    }
    await wait(node.stop())
    machine.kill()
    return seen
  }
  const broker = await wait(startBroker({ ...common, nodeId: 1, dataDir: BROKER, port: 9092, syncAcksAll: true }))
  const topics = [...broker.controller.image.topics.keys()]
  const epoch = readQuorumEpoch(env.disk, `${BROKER}/__cluster_metadata-0`)
  const seen = { owner: 1, clusterId: broker.clusterId, topics, epoch }
  await wait(broker.stop())
  machine.kill()
  return seen
}

/** From now on the voters of the broker's log stand in it. Returns the directory of the one that it names. */
async function voteInLog(machine: Machine, wait: <T>(promise: Promise<T>) => Promise<T>): Promise<string> {
  const env = machine.boot()
  const folder = `${BROKER}/${CLUSTER_METADATA_DIR}`
  const { directoryId } = readMetaProperties(env.disk, BROKER)!
  const logs = LogManager.open({ env, dir: BROKER, nodeId: 1, config: new Configs(1, new Map()).broker })
  const log = logs.open(CLUSTER_METADATA, 0, { topicId: METADATA_TOPIC_ID, config: defaultLogConfig })
  const endpoint = { name: 'CONTROLLER', host: 'machine', port: 9093 }
  const records = votersBatch({ nodeId: 1, directoryId: directoryId!, endpoint }, env.clock.now())
  log.append([{ records, produceVersion: undefined }], { leaderEpoch: log.latestEpoch!, nowMs: env.clock.now() })
  await wait(logs.close())
  const { leaderEpoch } = JSON.parse(env.disk.readFile(`${folder}/quorum-state`)!.toString())
  const state = { leaderId: 1, leaderEpoch, votedId: -1, votedDirectoryId: ZERO_UUID, data_version: 1 }
  env.disk.replaceFile(`${folder}/quorum-state`, Buffer.from(JSON.stringify(state)))
  machine.kill()
  return directoryId!
}

/** Whoever owns the log opens it and leads. */
async function lead(sim: Simulation, machine: Machine) {
  const env = machine.boot()
  if (belongsToController(env.disk)) {
    const common = { env, host: machine.host, settings: new Map(), write: () => {} }
    const node = await sim.time.runUntilSettled(
      startController({ ...common, nodeId: 3000, dataDir: CONTROLLER, port: 9093 }),
    )
    return { controller: node.controller, stop: () => node.stop() }
  }
  const logs = LogManager.open({ env, dir: BROKER, nodeId: 1, config: new Configs(1, new Map()).broker })
  const configs = new Configs(1, new Map())
  const quorum = await sim.time.runUntilSettled(
    openQuorum({ env, nodeId: 1, configs, logs, onDown: () => {}, onSnapshotFailed: () => {} }),
  )
  return {
    controller: quorum.controller,
    stop: async () => {
      quorum.close()
      await logs.close()
    },
  }
}

const TOPICS = ['orders', 'payments', 'refunds']

describe('the metadata log changes hands', () => {
  test.each(['stop', 'crash'] as const)('to a controller of its own and back, after a %s', async (end) => {
    const sim = new Simulation(end)
    const machine = sim.machine('machine')
    const { clusterId, wait } = await oneBroker(sim, machine, TOPICS, end)
    await wait(handToController(hands(machine.boot())))
    const controller = await lookInto(sim, machine)
    expect(controller).toMatchObject({ owner: 3000, clusterId, topics: TOPICS })
    await wait(handToBroker(hands(machine.boot())))
    const broker = await lookInto(sim, machine)
    expect(broker).toMatchObject({ owner: 1, clusterId, topics: TOPICS })
    expect(broker.epoch).toBeGreaterThan(controller.epoch)
    expect(machine.boot().disk.exists(CONTROLLER)).toBe(false)
  })

  test('a second time does nothing', async () => {
    const sim = new Simulation(2)
    const machine = sim.machine('machine')
    const { wait } = await oneBroker(sim, machine, TOPICS)
    await wait(handToController(hands(machine.boot())))
    const { epoch } = await lookInto(sim, machine)
    await wait(handToController(hands(machine.boot())))
    expect(await lookInto(sim, machine)).toMatchObject({ owner: 3000, topics: TOPICS, epoch: epoch + 1 })
    await wait(handToBroker(hands(machine.boot())))
    await wait(handToBroker(hands(machine.boot())))
    expect(await lookInto(sim, machine)).toMatchObject({ owner: 1, topics: TOPICS })
  })

  test('where the voters stand in the log (KIP-853), it says who votes now', async () => {
    const sim = new Simulation(5)
    const machine = sim.machine('machine')
    const { wait } = await oneBroker(sim, machine, TOPICS)
    const directoryId = await voteInLog(machine, wait)
    const voter = async () => {
      const { controller, stop } = await lead(sim, machine)
      const { leaderId, leaderDirectoryId } = controller.quorum
      await wait(stop())
      machine.kill()
      return [leaderId, leaderDirectoryId]
    }
    expect(await voter()).toEqual([1, directoryId])
    await wait(handToController(hands(machine.boot())))
    const [nodeId, directory] = await voter()
    expect(nodeId).toBe(3000)
    expect(directory).toBe(readMetaProperties(machine.boot().disk, CONTROLLER)?.directoryId)
    await wait(handToBroker(hands(machine.boot())))
    expect(await voter()).toEqual([1, directoryId])
  })

  test('not while the broker runs', async () => {
    const sim = new Simulation(3)
    const machine = sim.machine('machine')
    const { wait } = await oneBroker(sim, machine, TOPICS)
    const env = machine.boot()
    const lock = env.disk.lock(`${BROKER}/.lock`)
    await expect(wait(handToController(hands(machine.boot())))).rejects.toThrow('/data is in use by another process')
    lock.release()
  })

  test('not where another node has a vote', async () => {
    const sim = new Simulation(4)
    const machine = sim.machine('machine')
    const { wait } = await oneBroker(sim, machine, TOPICS)
    const { disk } = machine.boot()
    const state = {
      clusterId: '',
      leaderId: 2,
      leaderEpoch: 7,
      votedId: -1,
      currentVoters: [{ voterId: 1 }, { voterId: 2 }],
      data_version: 0,
    }
    disk.replaceFile(`${BROKER}/__cluster_metadata-0/quorum-state`, Buffer.from(JSON.stringify(state)))
    await expect(wait(handToController(hands(machine.boot())))).rejects.toThrow('names other controllers (2)')
    expect(belongsToController(machine.boot().disk)).toBe(false)
  })

  describe.each([
    ['to the controller', handToController],
    ['back to the broker', handToBroker],
  ])('%s', (_, hand) => {
    test.each(['kill', 'crash'] as const)(
      'a %s anywhere loses nothing, and the next attempt gets through',
      async (how) => {
        let died = true
        for (let at = 1; died; at += 1 + Math.floor(at / 8)) {
          const sim = new Simulation(at)
          const machine = sim.machine('machine')
          const { clusterId, wait } = await oneBroker(sim, machine, TOPICS)
          if (hand === handToBroker) {
            await wait(handToController(hands(machine.boot())))
            await lookInto(sim, machine)
          }
          let calls = 0
          died = false
          machine.onDiskCall = () => {
            if (++calls !== at) return
            died = true
            machine[how]()
          }
          await Promise.race([hand(hands(machine.boot())), sim.time.runFor(60_000)])
          machine.onDiskCall = () => {}
          expect(await lookInto(sim, machine), `after ${at} calls of the disk`).toMatchObject({
            clusterId,
            topics: TOPICS,
          })
          await wait(hand(hands(machine.boot())))
          const owner = hand === handToController ? 3000 : 1
          expect(await lookInto(sim, machine)).toMatchObject({ owner, clusterId, topics: TOPICS })
        }
      },
    )
  })
})
