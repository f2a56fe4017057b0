/** Topics: made by form, changed by plan, purged, deleted; each change is seen by a client and stands in the audit log. */
import { at, dialog, expect, test } from './fixtures.ts'

test('a topic is made by form: mistakes are said as they are typed, a plan comes before the change', async ({
  page,
  client: { admin },
}) => {
  await admin.createTopics({ topics: [{ topic: 'taken' }] })
  await page.goto(at('topics'))
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

async function configOf(admin: import('kafkajs').Admin, topic: string, name: string): Promise<string | undefined> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: 2, name: topic, configNames: [name] }],
  })
  return resources[0]!.configEntries.find((entry) => entry.configName === name)?.configValue
}
