/** Consumer groups: lag that rises and falls as a client stops and starts, offsets reset by plan, deletion; a client sees each. */
import { at, consume, dialog, expect, figure, test } from './fixtures.ts'

const topic = 'parcels'
const group = 'couriers'

test('lag rises and falls, offsets are reset with a preview and read from there, a group is deleted', async ({
  page,
  client: { kafka, admin, producer },
}) => {
  test.setTimeout(120_000)
  let written = 0
  /** The same number of messages to both partitions. */
  const write = async (each: number) => {
    const messages = Array.from({ length: each * 2 }, (_, n) => ({ value: `parcel ${written + n}`, partition: n % 2 }))
    written += each * 2
    await producer.send({ topic, messages })
  }
  await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] })
  await write(20)
  let consumer = await consume(kafka, group, topic)
  await expect.poll(() => consumer.read.length).toBe(40)

  await page.goto(at('groups?q=cour'))
  const row = page.getByRole('table', { name: 'Consumer groups' }).getByRole('row', { name: group })
  await expect(row).toContainText('Stable')
  await row.getByRole('link', { name: group }).click()
  await expect(page.getByRole('heading', { level: 1, name: group })).toBeVisible()
  const lag = figure(page, 'Lag')
  await expect(lag).toHaveText(/^0(?!\d)/)
  await expect(figure(page, 'Members')).toHaveText('1')
  const members = page.getByRole('table', { name: 'Members' })
  await expect(members.getByRole('row', { name: /shop/ })).toContainText(`${topic} 0-1`)

  // While a member is connected, offsets can be looked at, not set.
  await page.getByRole('button', { name: 'Reset offsets' }).click()
  const reset = dialog(page, `Reset offsets of ${group}`)
  await expect(reset.getByText(/1 member is connected/)).toBeVisible()
  await reset.getByRole('button', { name: 'Preview' }).click()
  await expect(reset.getByRole('row', { name: /parcels-0 20 0/ })).toContainText('20 read again')
  await expect(reset.getByRole('button', { name: 'Reset offsets' })).toBeDisabled()
  await page.keyboard.press('Escape')
  await expect(reset).toHaveCount(0)

  await consumer.stop()
  await expect(page.getByText('Empty', { exact: true })).toBeVisible()
  await expect(members.getByRole('row', { name: /shop/ })).toHaveCount(0)
  await write(15)
  await expect(lag, 'rises, without a reload').toHaveText(/^30(?!\d)/)
  const partitions = page.getByRole('table', { name: 'Partitions' })
  await expect(partitions.getByRole('row', { name: /parcels 0 20 35 15/ })).toBeVisible()
  await write(5)
  await expect(lag).toHaveText(/^40(?!\d)/)

  consumer = await consume(kafka, group, topic)
  await expect.poll(() => consumer.read.length, 'it goes on where it was').toBe(40)
  await expect(lag, 'falls').toHaveText(/^0(?!\d)/)
  await consumer.stop()
  await expect(page.getByText('Empty', { exact: true })).toBeVisible()

  // The chart has seen it go up and down.
  await page.getByRole('button', { name: 'As table: Lag' }).click()
  await expect(page.getByRole('figure').getByRole('cell', { name: '40', exact: true }).first()).toBeVisible()

  await page.getByRole('button', { name: 'Reset offsets' }).click()
  await reset.getByRole('button', { name: 'Offset', exact: true }).click()
  await reset.getByRole('textbox', { name: 'Offset' }).fill('12')
  await reset.getByRole('button', { name: 'Only these' }).click()
  await reset.getByRole('textbox', { name: `Partitions of ${topic}` }).fill('0')
  await reset.getByRole('button', { name: 'Preview' }).click()
  await expect(reset.getByRole('row', { name: /parcels-0 40 12/ })).toContainText('28 read again')
  await expect(reset.getByRole('row', { name: /parcels-1/ })).toHaveCount(0)
  await reset.getByRole('button', { name: 'Reset offsets' }).click()
  await expect(page.getByText('Offsets reset')).toBeVisible()
  await expect(lag).toHaveText(/^28(?!\d)/)
  const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] })
  expect(committed!.partitions).toMatchObject([
    { partition: 0, offset: '12' },
    { partition: 1, offset: '40' },
  ])
  consumer = await consume(kafka, group, topic)
  await expect.poll(() => consumer.read.length).toBe(28)
  expect(consumer.read.map(({ partition, offset }) => `${partition}:${offset}`)).toEqual(
    Array.from({ length: 28 }, (_, n) => `0:${12 + n}`),
  )
  await consumer.stop()
  await expect(lag).toHaveText(/^0(?!\d)/)

  await page.getByRole('button', { name: 'Delete the group' }).click()
  const remove = dialog(page, `Delete the group ${group}`)
  const button = remove.getByRole('button', { name: 'Delete', exact: true })
  await expect(button).toBeDisabled()
  await remove.getByRole('textbox', { name: /To confirm, type/ }).fill(group)
  await button.click()
  await expect(page.getByText('Group deleted')).toBeVisible()
  await expect(page).toHaveURL(/\/groups$/)
  await expect(page.getByRole('link', { name: group })).toHaveCount(0)
  expect((await admin.listGroups()).groups.map(({ groupId }) => groupId)).not.toContain(group)
})

test('a group of any name has its page', async ({ page, client: { kafka, admin, producer } }) => {
  const odd = 'team/a b%2F..~é'
  await admin.createTopics({ topics: [{ topic: 'odd' }] })
  await producer.send({ topic: 'odd', messages: [{ value: 'x' }] })
  const consumer = await consume(kafka, odd, 'odd')
  await expect.poll(() => consumer.read.length).toBe(1)
  await page.goto(at('topics/odd/groups'))
  await page.getByRole('link', { name: odd }).click()
  await expect(page.getByRole('heading', { level: 1, name: odd })).toBeVisible()
  await expect(figure(page, 'Members')).toHaveText('1')
  await page.reload()
  await expect(page.getByRole('heading', { level: 1, name: odd })).toBeVisible()
  await expect(figure(page, 'Lag')).toHaveText(/^0(?!\d)/)
  await consumer.stop()
})
