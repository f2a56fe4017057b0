/** Topics: made by form, changed by plan, purged, deleted; each change is seen by a client and stands in the audit log. */
import type { Admin } from 'kafkajs'
import { at, dialog, expect, test } from './fixtures.ts'

test('a topic is made by form: mistakes are said as they are typed, a plan comes before the change', async ({
  page,
  client: { admin },
}) => {
  await admin.createTopics({ topics: [{ topic: 'taken' }] })
  await page.goto(at('topics?q=taken'))
  await expect(page.getByRole('link', { name: 'taken' }), 'the list follows what others do').toBeVisible()
  await page.getByRole('link', { name: 'New topic' }).first().click()
  await expect(page.getByRole('heading', { name: 'New topic', level: 1 })).toBeVisible()

  const name = page.getByRole('textbox', { name: 'Name', exact: true })
  const partitions = page.getByRole('textbox', { name: 'Partitions', exact: true })
  const replicas = page.getByRole('textbox', { name: 'Replication factor', exact: true })
  const retention = page.getByRole('textbox', { name: 'retention.ms', exact: true })
  const said: [typeof name, string, RegExp][] = [
    [name, 'no spaces', /Only letters, digits/],
    [name, '..', /cannot be called/],
    [name, 'taken', /A topic of this name exists/],
    [partitions, 'many', /whole number/],
    [partitions, '0', /At least 1/],
    [replicas, '2', /only one broker/],
    [retention, '7 parsecs', /neither a number nor a number with a unit/],
    [retention, '-2', /At least -1/],
  ]
  for (const [field, typed, error] of said) {
    await field.fill(typed)
    await expect(field).toHaveAccessibleDescription(error)
    await expect(field).toHaveAttribute('aria-invalid', 'true')
  }
  await page.getByRole('button', { name: 'Plan' }).click()
  await expect(page.getByRole('dialog'), 'nothing is planned with mistakes in it').toHaveCount(0)

  await name.fill('invoices')
  await partitions.fill('3')
  await replicas.fill('')
  await retention.fill('7 d')
  await expect(page.getByText('= 604,800,000')).toBeVisible()
  for (const field of [name, partitions, replicas, retention])
    await expect(field).not.toHaveAttribute('aria-invalid', 'true')
  await page.getByLabel('cleanup.policy', { exact: true }).fill('compact')
  await page.getByRole('button', { name: 'Plan' }).click()

  const plan = dialog(page, 'Create invoices')
  await expect(plan.getByRole('row', { name: /partitions invoices .*3/ })).toBeVisible()
  await expect(plan.getByRole('row', { name: /config retention\.ms .*604800000/ })).toBeVisible()
  expect(await admin.listTopics(), 'a plan changes nothing').not.toContain('invoices')
  await plan.getByRole('button', { name: 'Create topic' }).click()
  await expect(page.getByText('Topic invoices created')).toBeVisible()
  await expect(page.getByRole('heading', { name: 'invoices', level: 1 })).toBeVisible()
  await expect(page).toHaveURL(/\/topics\/invoices\/messages$/)

  const [topic] = (await admin.fetchTopicMetadata({ topics: ['invoices'] })).topics
  expect(topic!.partitions).toHaveLength(3)
  expect(await configOf(admin, 'invoices', 'retention.ms')).toBe('604800000')
  expect(await configOf(admin, 'invoices', 'cleanup.policy')).toBe('compact')
})

test('configs, partitions and records change by plan, deletion wants the name typed, and the audit log tells of all', async ({
  page,
  client: { admin, producer },
}) => {
  const topic = 'ledger'
  await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] })
  await producer.send({ topic, messages: Array.from({ length: 10 }, (_, n) => ({ value: `${n}`, partition: n % 2 })) })

  await page.goto(at(`topics/${topic}/configuration`))
  await page.getByRole('searchbox', { name: 'Search configs' }).fill('retention')
  await expect(page.getByRole('row', { name: /max\.message\.bytes/ })).toHaveCount(0)
  await page.getByRole('button', { name: 'Edit retention.ms' }).click()
  const edit = dialog(page, 'Edit retention.ms')
  const field = edit.getByRole('textbox', { name: 'retention.ms' })
  await field.fill('soon')
  await expect(field).toHaveAccessibleDescription(/neither a number nor a number with a unit/)
  await expect(edit.getByRole('button', { name: 'Take over' })).toBeDisabled()
  await field.fill('12 h')
  await edit.getByRole('button', { name: 'Take over' }).click()
  await expect(page.getByText('1 changed, not yet applied')).toBeVisible()
  await page.getByRole('button', { name: 'Plan' }).click()
  const config = dialog(page, `Configuration of ${topic}`)
  await expect(config.getByRole('row', { name: /retention\.ms/ })).toContainText('43200000')
  expect(await configOf(admin, topic, 'retention.ms'), 'not yet').toBe('604800000')
  await config.getByRole('button', { name: 'Apply' }).click()
  await expect(page.getByText('Configuration changed')).toBeVisible()
  await expect(page.getByRole('row', { name: /retention\.ms 43200000 \(12 h\) this topic/ })).toBeVisible()
  expect(await configOf(admin, topic, 'retention.ms')).toBe('43200000')

  const change = async (item: string) => {
    await page.getByRole('button', { name: 'Change the topic' }).click()
    await page.getByRole('menuitem', { name: item }).click()
  }
  await change('Add partitions')
  const increase = dialog(page, `Add partitions to ${topic}`)
  const wanted = increase.getByRole('textbox', { name: 'Partitions afterwards' })
  await wanted.fill('2')
  await expect(wanted).toHaveAccessibleDescription(/More than 2/)
  await wanted.fill('5')
  await increase.getByRole('button', { name: 'Plan' }).click()
  await expect(increase.getByRole('row', { name: /partitions/ })).toContainText(/2.*5/)
  await expect(increase.getByText('Cannot be undone')).toBeVisible()
  await increase.getByRole('button', { name: 'Add partitions' }).click()
  await expect(page.getByText('Partitions added')).toBeVisible()
  await page.getByRole('navigation', { name: 'Views of the topic' }).getByRole('link', { name: 'Partitions' }).click()
  await expect(page.getByRole('table', { name: 'Partitions' }).getByRole('row')).toHaveCount(6)
  expect((await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]!.partitions).toHaveLength(5)

  await change('Delete records')
  const purge = dialog(page, `Delete records of ${topic}`)
  await purge.getByRole('button', { name: 'Before an offset' }).click()
  await purge.getByRole('textbox', { name: 'Offset' }).fill('3')
  await purge.getByRole('textbox', { name: 'Partitions' }).fill('0')
  await purge.getByRole('button', { name: 'Plan' }).click()
  await expect(purge.getByRole('row', { name: /records ledger-0/ })).toContainText(/0.*3/)
  const erase = purge.getByRole('button', { name: 'Delete records' })
  await expect(erase).toBeDisabled()
  await purge.getByRole('textbox', { name: /To confirm, type/ }).fill(topic)
  await erase.click()
  await expect(page.getByText('Records deleted')).toBeVisible()
  await expect(page.getByRole('row', { name: /^0 / })).toContainText(/3\s*5/)
  const offsets = await admin.fetchTopicOffsets(topic)
  expect(offsets.find(({ partition }) => partition === 0)).toMatchObject({ low: '3', high: '5' })
  expect(offsets.find(({ partition }) => partition === 1)).toMatchObject({ low: '0', high: '5' })

  await change('Delete topic')
  const remove = dialog(page, `Delete ${topic}`)
  const button = remove.getByRole('button', { name: 'Delete topic' })
  await remove.getByRole('textbox', { name: /To confirm, type/ }).fill('ledge')
  await expect(button).toBeDisabled()
  await remove.getByRole('textbox', { name: /To confirm, type/ }).fill(topic)
  await button.click()
  const toast = page.getByRole('listitem').filter({ hasText: `Topic ${topic} deleted` })
  await expect(page).toHaveURL(/\/topics$/)
  await toast.getByRole('button', { name: 'Audit entry' }).click()
  const entry = dialog(page, 'Audit entry')
  await expect(entry.getByRole('row', { name: /topic ledger/ })).toContainText('ledger')
  await entry.getByRole('button', { name: 'All entries of this resource' }).click()
  await page.keyboard.press('Escape')
  const log = page.getByRole('table', { name: 'Audit log' }).getByRole('row')
  const told = [
    ['deleted', '− ledger'],
    ['records deleted', 'ledger-0: 0 → 3'],
    ['partitions added', 'ledger: 2 → 5'],
    ['configuration changed', 'retention.ms: 604800000 → 43200000'],
  ]
  await expect(log).toHaveCount(told.length + 1)
  for (const [n, words] of told.entries())
    for (const word of [topic, 'applied', ...words]) await expect(log.nth(n + 1)).toContainText(word)
  await log.filter({ hasText: 'configuration changed' }).getByRole('button').click()
  const difference = entry.getByRole('row', { name: /retention\.ms/ }).getByRole('cell')
  await expect(difference).toHaveText([/604800000/, /43200000/])
  await page.keyboard.press('Escape')

  await page.goto(at('topics'))
  await expect(page.getByRole('table', { name: 'Topics' })).toBeVisible()
  await expect(page.getByRole('link', { name: topic, exact: true })).toHaveCount(0)
  expect(await admin.listTopics()).not.toContain(topic)

  await page.goto(at(`topics/${topic}/messages`))
  await expect(page.getByRole('alert').filter({ hasText: 'There is no topic ledger' })).toBeVisible()
})

async function configOf(admin: Admin, topic: string, name: string): Promise<string | undefined> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: 2, name: topic, configNames: [name] }],
  })
  return resources[0]!.configEntries.find((entry) => entry.configName === name)?.configValue
}
