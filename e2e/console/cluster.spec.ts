/** The cluster as a whole: overview while a client produces, brokers and their configs, what it can do, saved views, the HTTP page. */
import { at, dialog, expect, figure, test } from './fixtures.ts'

const topic = 'flowing'

test('the overview moves while a client produces, and lists the last changes', async ({
  page,
  keepSending,
  client: { admin },
}) => {
  await admin.createTopics({ topics: [{ topic }] })
  await page.goto(at('overview'))
  await expect(figure(page, 'Brokers')).toContainText('1')
  keepSending(topic, (n) => ({ value: `message ${n}` }))
  await expect(figure(page, 'Messages in')).toHaveText(/^[1-9][\d.]*\s?msg\/s/)
  await expect(figure(page, 'Bytes in')).toHaveText(/^[1-9][\d.]*\s?k?B\/s/)
  await page.getByRole('button', { name: 'As table: Messages a second' }).click()
  const chart = page.getByRole('figure').filter({ hasText: 'Messages a second' })
  await expect(chart.getByRole('cell', { name: /^[1-9][\d.]*\/s$/ }).first()).toBeVisible()
  await page.getByRole('button', { name: '5 min', exact: true }).click()
  await expect(page).toHaveURL(/range=5/)

  // A change made here is among the recent ones, for the first who looks.
  const made = await page.context().newPage()
  await made.goto(at(`topics/${topic}/messages?produce=1`))
  await dialog(made, `Produce to ${topic}`).getByRole('button', { name: 'Produce', exact: true }).click()
  await expect(made.getByText('Produced: partition 0')).toBeVisible()
  await made.close()
  const changes = page.getByRole('region', { name: 'Recent changes' }).getByRole('listitem')
  await expect(changes.filter({ hasText: topic }).filter({ hasText: 'message produced' })).toBeVisible()
})

test('brokers, their folders and configs; what the cluster can do; a view that is saved, opened and deleted', async ({
  page,
  client: { admin },
}) => {
  const { brokers } = await admin.describeCluster()
  const [broker] = brokers
  await page.goto(at('brokers'))
  const row = page.getByRole('table', { name: 'Brokers' }).getByRole('row').nth(1)
  await expect(row).toContainText(`${broker!.host}:${broker!.port}`)
  await expect(row).toContainText('controller')
  await row.getByRole('link', { name: `Broker ${broker!.nodeId}` }).click()
  await expect(page.getByRole('heading', { level: 1, name: `Broker ${broker!.nodeId}` })).toBeVisible()
  await expect(page.getByRole('table', { name: 'Log dirs' }).getByRole('row').nth(1)).toContainText('fine')
  await page.getByRole('searchbox', { name: 'Search configs' }).fill('initial.rebalance')
  const config = page.getByRole('row', { name: /group\.initial\.rebalance\.delay\.ms/ })
  await expect(page.getByRole('row', { name: /log\.segment\.bytes/ })).toHaveCount(0)
  await expect(config, 'as it was started').toContainText(/broker’s file/)
  await config.getByRole('button', { name: 'Details of group.initial.rebalance.delay.ms' }).click()
  await expect(
    dialog(page, /rebalance/)
      .getByText('group.initial.rebalance.delay.ms')
      .first(),
  ).toBeVisible()
  await page.keyboard.press('Escape')

  await page.goto(at('settings'))
  await expect(page.getByText(process.env.CONSOLE_BOOTSTRAP!).first()).toBeVisible()
  await expect(page.getByText('History of figures, audit log and saved views are kept.')).toBeVisible()
  await expect(page.getByText('The brokers offer every API that is needed.')).toBeVisible()
  await expect(
    page.getByRole('table', { name: 'APIs that all brokers offer' }).getByRole('row', { name: /Fetch/ }).first(),
  ).toBeVisible()
  await page.getByRole('button', { name: 'Save a view' }).click()
  const save = dialog(page, 'Save a view')
  await save.getByRole('textbox', { name: 'Name' }).fill('Busiest topics')
  await save.getByRole('textbox', { name: 'Address' }).fill('https://example.com/topics')
  await expect(save.getByRole('textbox', { name: 'Address' })).toHaveAccessibleDescription(/not the address of a page/)
  await save.getByRole('textbox', { name: 'Address' }).fill(`${at('topics')}?sort=recordsInPerSecond&desc=1`)
  await save.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('link', { name: 'Busiest topics' }).click()
  await expect(page.getByRole('columnheader', { name: 'Msg/s in' })).toHaveAttribute('aria-sort', 'descending')
  await page.goBack()
  await page.getByRole('button', { name: 'Delete Busiest topics' }).click()
  await expect(page.getByText('Deleted Busiest topics')).toBeVisible()
  await expect(page.getByRole('link', { name: 'Busiest topics' })).toHaveCount(0)
})

test('the HTTP page shows commands for the address and topic in use, drawn from the document that is served', async ({
  page,
  request,
  baseURL,
}) => {
  const document = await (await request.get('/rest/openapi.json')).json()
  await page.goto(at('http'))
  const operations = Object.values<object>(document.paths).flatMap((path) =>
    Object.keys(path).filter((method) => ['get', 'post'].includes(method)),
  )
  await expect(page.getByRole('button', { name: /^(GET|POST) / })).toHaveCount(operations.length)
  await page.getByRole('textbox', { name: 'Examples with topic' }).fill('parcels.eu')
  await expect(page).toHaveURL(/topic=parcels\.eu/)
  await expect(page.getByText(`curl -X POST ${baseURL}/rest/topics/parcels.eu`)).toBeVisible()
  const v3 = page.getByRole('button', { name: /\/v3\/clusters\/\{.*records/ })
  await v3.click()
  const { data } = await (await request.get('/rest/v3/clusters')).json()
  await expect(
    page.getByText(`/rest/v3/clusters/${data[0].cluster_id}/topics/parcels.eu/records`).first(),
  ).toBeVisible()
})

test('a console that is out of reach is said once, and the page goes on by itself', async ({
  page,
  context,
  client: { admin },
}) => {
  await admin.createTopics({ topics: [{ topic: 'before-it' }] })
  await page.goto(at('topics?q=-it'))
  await expect(page.getByRole('link', { name: 'before-it' })).toBeVisible()
  const said = page.getByText('No connection to the console.')
  await context.setOffline(true)
  await expect(said).toBeVisible()
  await admin.createTopics({ topics: [{ topic: 'during-it' }] })
  await expect(said).toHaveCount(1)
  await expect(page.getByRole('link', { name: 'before-it' }), 'what was there stays').toBeVisible()
  await context.setOffline(false)
  await expect(said).toHaveCount(0)
  await expect(page.getByRole('link', { name: 'during-it' })).toBeVisible()
})
