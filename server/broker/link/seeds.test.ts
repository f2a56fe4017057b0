/** Brokers and their controller while machines die, lines are cut and clients go on: what every broker knows in the end is what was decided. */
import { expect, test } from 'vitest'
import { SimRandom } from '../../env/sim_random.ts'
import { plain } from '../../metadata/testing.ts'
import { errorCode } from '../../protocol/errors.ts'
import { CreateTopics } from '../../protocol/messages/19_create_topics.ts'
import { DeleteTopics } from '../../protocol/messages/20_delete_topics.ts'
import { ZERO_UUID } from '../../protocol/schema.ts'
import { brokerHost, CONTROLLER, remoteStage } from './testing.ts'

type Stage = ReturnType<typeof remoteStage>

const BROKERS = [1, 2, 3]
const SMALL = {
  'internal.metadata.log.segment.bytes': '6000',
  'metadata.log.max.record.bytes.between.snapshots': '5000',
  'metadata.max.retention.bytes': '8000',
  'controller.quorum.fetch.snapshot.max.bytes': '700',
}

/** What clients do, each by itself: nobody waits for them. */
function clients(s: Stage, random: SimRandom) {
  const acknowledged = new Set<string>()
  const deleting = new Set<string>()
  let n = 0
  return {
    acknowledged,
    deleting,
    create(): void {
      const name = `t${n++}`
      const topic = { name, numPartitions: 1 + random.int(5), replicationFactor: 1, assignments: [], configs: [] }
      s.send(1 + random.int(3), CreateTopics, { topics: [topic], timeoutMs: 5_000, validateOnly: false }).then(
        ({ topics }) => void (topics[0]!.errorCode === errorCode.NONE && acknowledged.add(name)),
        () => {},
      )
    },
    remove(): void {
      const [name] = [...acknowledged].filter((t) => !deleting.has(t))
      if (name === undefined) return
      deleting.add(name)
      s.send(1 + random.int(3), DeleteTopics, {
        topics: [{ name, topicId: ZERO_UUID }],
        topicNames: [],
        timeoutMs: 5_000,
      }).catch(() => {})
    },
  }
}

async function live(seed: number): Promise<void> {
  const random = new SimRandom(seed).fork('story')
  const s = remoteStage({ seed, controllerSettings: SMALL, brokerSettings: SMALL })
  await s.wait(s.startController())
  await s.wait(Promise.all(BROKERS.map((id) => s.startBroker(id))))
  const { network } = s.sim
  const load = clients(s, random)
  let controllerIsUp = true
  const down = new Set<number>()
  const restart = (id: number) => {
    down.delete(id)
    s.startBroker(id).catch(() => down.add(id))
  }
  for (let step = 0; step < 60; step++) {
    const id = 1 + random.int(3)
    const what = random.int(12)
    if (what < 5) load.create()
    else if (what === 5) load.remove()
    else if (what === 6 && !down.has(id) && s.brokers.has(id)) {
      if (random.chance(0.5)) s.killBroker(id)
      else s.crashBroker(id)
      down.add(id)
    } else if (what === 7 && down.has(id)) restart(id)
    else if (what === 8 && controllerIsUp) {
      s.killController()
      controllerIsUp = false
    } else if (what === 9 && !controllerIsUp) {
      await s.wait(s.startController())
      controllerIsUp = true
    } else if (what === 10) network.cut(CONTROLLER.host, brokerHost(id))
    else if (what === 11) network.heal(CONTROLLER.host, brokerHost(id))
    else network.reset(CONTROLLER.host, brokerHost(id))
    await s.sim.time.runFor(random.int(2_000))
  }
  for (const id of BROKERS) network.heal(CONTROLLER.host, brokerHost(id))
  if (!controllerIsUp) await s.wait(s.startController())
  await s.sim.time.runFor(1_000)
  for (const id of BROKERS) if (down.has(id) || !s.brokers.has(id)) restart(id)
  const { image } = s.controller.controller
  const calm = () =>
    BROKERS.every((id) => {
      const broker = s.brokers.get(id)
      return broker !== undefined && image.isActive(id) && broker.controller.image.nextOffset === image.nextOffset
    })
  expect(await s.until(calm, 60_000), `seed ${seed}: not all brokers come back\n${s.lines.slice(-20).join('\n')}`).toBe(
    true,
  )
  const wanted = plain(image)
  for (const id of BROKERS) {
    expect(plain(s.brokers.get(id)!.controller.image), `seed ${seed}: broker ${id}`).toEqual(wanted)
  }
  for (const name of load.acknowledged) {
    if (!load.deleting.has(name)) expect(image.topics.has(name), `seed ${seed}: ${name} was acknowledged`).toBe(true)
  }
  expect(load.acknowledged.size, `seed ${seed}: nobody could make a topic`).toBeGreaterThan(0)
  for (const id of BROKERS) await s.stopBroker(id)
  // What the folders hold is the same again, whoever has died before.
  for (const id of BROKERS) await s.wait(s.startBroker(id))
  expect(await s.until(calm, 60_000), `seed ${seed}: the restart`).toBe(true)
  for (const id of BROKERS) {
    expect(plain(s.brokers.get(id)!.controller.image), `seed ${seed}: broker ${id}, restarted`).toEqual(plain(image))
  }
}

const EACH = 8
test.each([1, 9, 17])(
  'all brokers know in the end what the controller decided, seeds from %i on',
  { timeout: 60_000 },
  async (first) => {
    for (let seed = first; seed < first + EACH; seed++) await live(seed)
  },
)
