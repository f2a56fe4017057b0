/** A group of the consumer protocol (KIP-848): its type, its epochs, and members on their way from what they own to what they are to own. */
import { FindCoordinator } from '../../server/protocol/messages/10_find_coordinator.ts'
import { ConsumerGroupHeartbeat } from '../../server/protocol/messages/68_consumer_group_heartbeat.ts'
import { Asker } from '../differential/asker.ts'
import { at, expect, test } from './fixtures.ts'

const group = 'riders'
const topic = 'rides'

test('members of the consumer protocol are shown with their epochs and where they are going', async ({
  page,
  client: { admin },
}) => {
  await admin.createTopics({ topics: [{ topic, numPartitions: 4 }] })
  const asker = new Asker(process.env.CONSOLE_BOOTSTRAP!, 'rider')
  const beat = async (memberId: string, memberEpoch: number): Promise<any> => {
    const joins = memberEpoch === 0 && {
      rebalanceTimeoutMs: 300_000,
      subscribedTopicNames: [topic],
      topicPartitions: [],
    }
    return asker.ask(ConsumerGroupHeartbeat, 1, { groupId: group, memberId, memberEpoch, ...joins })
  }
  try {
    // Whoever asks first makes the topic of the coordinators.
    await asker.ask(FindCoordinator, 4, { keyType: 0, coordinatorKeys: [group] })
    // The coordinator may hear of the topic a moment after its creation.
    await expect.poll(async () => (await beat('anna', 0)).assignment?.topicPartitions[0]?.partitions.length).toBe(4)
    // Not sooner than a second after the last assignment; who joins again instead of going on begins another epoch.
    let epoch = 0
    const goOn = async () => {
      epoch = (await beat('berta', epoch)).memberEpoch
      return epoch
    }
    await expect.poll(goOn).toBeGreaterThan(2)

    await page.goto(at('groups?q=riders'))
    const row = page.getByRole('table', { name: 'Consumer groups' }).getByRole('row', { name: group })
    await expect(row.getByRole('cell', { name: 'consumer', exact: true }).first()).toBeVisible()
    await row.getByRole('link', { name: group }).click()
    await expect(page.getByText(/^epoch \d+$/)).toBeVisible()
    await expect(page.getByText('uniform')).toBeVisible()
    const members = page.getByRole('table', { name: 'Members' })
    const anna = members.getByRole('row', { name: /anna/ })
    await expect(anna.getByRole('cell', { name: 'rides 0-3' })).toBeVisible()
    await expect(anna.getByRole('cell', { name: 'rides 0-1' })).toBeVisible()
    const berta = members.getByRole('row', { name: /berta/ })
    await expect(berta.getByRole('cell', { name: 'nothing assigned' })).toBeVisible()
    await expect(berta.getByRole('cell', { name: 'rides 2-3' })).toBeVisible()
    if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT, fullPage: true })
  } finally {
    await beat('anna', -1)
    await beat('berta', -1)
    asker.close()
  }
})
