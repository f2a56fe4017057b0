/** Messages of a topic: live while a client produces, found by text, opened, linked to, produced by form and over HTTP. */
import { at, consume, dialog, expect, test } from './fixtures.ts'

const topic = 'orders'
/** One more than what a double holds. */
const exact = '9007199254740993'

test.beforeAll(async ({ client: { admin } }) => {
  await admin.createTopics({ topics: [{ topic, numPartitions: 3 }] })
})

test('messages of a client that produces appear live; a paused view says what it missed', async ({
  page,
  keepSending,
}) => {
  await page.goto(at(`topics/${topic}/messages`))
  await expect(page.getByText('No messages yet')).toBeVisible()
  await expect(page.getByText(`kcat -P -b ${process.env.CONSOLE_BOOTSTRAP} -t ${topic}`), 'ready to copy').toBeVisible()

  await page.getByRole('button', { name: 'Live', exact: true }).click()
  await expect(page).toHaveURL(/from=live/)
  await expect(page.getByText('Waiting for messages')).toBeVisible()
  const sending = keepSending(topic, (n) => ({ key: `k${n % 7}`, value: JSON.stringify({ order: n }) }))
  const rows = page.getByRole('table', { name: 'Messages' }).getByRole('row')
  await expect(rows.filter({ hasText: '{"order":0}' })).toBeVisible()
  await expect(rows.filter({ hasText: '{"order":20}' }), 'they keep coming').toBeVisible()

  await page.getByRole('button', { name: 'Pause' }).click()
  const first = await rows.nth(1).textContent()
  await expect(page.getByText(/Paused, [1-9]\d+ missed/), 'more than nine, in time').toBeVisible()
  expect(await rows.nth(1).textContent(), 'nothing moves').toBe(first)
  await page.getByRole('button', { name: 'Go on' }).click()
  await expect(page.getByText(/missed/)).toHaveCount(0)
  await expect(rows.nth(1)).not.toHaveText(first!)

  // Space does the same for who uses the keyboard.
  await page.keyboard.press('Space')
  await expect(page.getByText(/Paused, \d+ missed/)).toBeVisible()
  await page.keyboard.press('Space')

  // Under the pointer the list stands still, and says how much waits.
  await rows.nth(1).hover()
  await expect(page.getByText(/\d+ waiting while the pointer is over the list/)).toBeVisible()
  await page.mouse.move(5, 5)
  await expect(page.getByText(/waiting while/)).toHaveCount(0)

  const sent = await sending.stop()
  await expect(rows.filter({ hasText: `{"order":${sent - 1}}` }), 'the last one').toBeVisible()
  await page.getByRole('link', { name: 'Partitions' }).click()
  const ends = page.getByRole('table', { name: 'Partitions' })
  await expect(ends.getByRole('row')).toHaveCount(4)
  await expect(page.getByText(`${sent} records`)).toBeVisible()
})

test('a message is found by its text, opened, read exactly, and linked to', async ({
  page,
  context,
  client: { producer },
}) => {
  await producer.send({
    topic,
    messages: [
      {
        key: 'needle-7',
        partition: 1,
        value: `{"id":${exact},"note":"a needle in the hay","nested":{"list":[1,2.50,1e400]}}`,
        headers: { source: ['shop', 'till'], empty: '' },
      },
      { key: 'straw', partition: 1, value: 'after the needle' },
      { key: 'bytes', partition: 2, value: Buffer.from([0xff, 0x00, 0xfe, 0x01]) },
    ],
  })
  await page.goto(at(`topics/${topic}/messages`))
  const rows = page.getByRole('table', { name: 'Messages' }).getByRole('row')
  await expect(rows.filter({ hasText: '4 B of bytes' })).toBeVisible()
  const shown = page.getByRole('status').filter({ hasText: /shown$/ })
  await page.keyboard.press('/')
  const filter = page.getByRole('searchbox', { name: 'Text in key, value or headers' })
  await expect(filter).toBeFocused()
  await filter.fill('NEEDLE')
  await expect(page).toHaveURL(/q=NEEDLE/)
  await expect(rows).toHaveCount(3)
  await expect(shown).toHaveText('2 shown')
  await page.getByRole('button', { name: 'Options' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Value', exact: true }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Headers', exact: true }).click()
  await page.keyboard.press('Escape')
  await expect(shown, 'only in keys').toHaveText('1 shown')
  await page.getByRole('button', { name: 'Remove the filter Where to look Key' }).click()
  await expect(shown).toHaveText('2 shown')

  // By keyboard: the offset is a button.
  await rows.filter({ hasText: 'needle-7' }).getByRole('button').press('Enter')
  const sheet = dialog(page, /Partition 1, offset/)
  const value = sheet.getByRole('region', { name: 'Value' })
  await expect(value.getByText(exact), 'as a tree').toBeVisible()
  await value.getByRole('button', { name: 'list: [ 3 items ]' }).click()
  await expect(value.getByText('2.50')).toBeVisible()
  await expect(value.getByText('1e400')).toBeVisible()
  await value.getByRole('button', { name: 'Text' }).click()
  await expect(value.getByText(`"id": ${exact}`)).toBeVisible()
  await value.getByRole('button', { name: 'Hex' }).click()
  await expect(value.getByText(/7b 22 69 64 22 3a/)).toBeVisible()
  const headers = sheet.getByRole('table').getByRole('row')
  await expect(headers.filter({ hasText: 'source' })).toHaveText([/shop/, /till/])
  await expect(headers.filter({ hasText: 'empty' })).toBeVisible()

  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await sheet.getByRole('button', { name: 'Copy a link to this record' }).click()
  await expect(page.getByText('Link copied')).toBeVisible()
  const link = await page.evaluate(() => navigator.clipboard.readText())

  await sheet.press('ArrowUp')
  await expect(dialog(page, /Partition 1, offset/).getByText('after the needle')).toBeVisible()
  await page.keyboard.press('ArrowDown')
  await expect(dialog(page, /Partition 1, offset/).getByText(exact)).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(sheet).toHaveCount(0)
  await expect(page).toHaveURL(/q=NEEDLE/)

  await page.goto(link)
  await expect(dialog(page, /Partition 1, offset/).getByText(exact), 'the link restores it').toBeVisible()
  await page.reload()
  await expect(dialog(page, /Partition 1, offset/).getByText(exact)).toBeVisible()
  await expect(rows.nth(1), 'the list begins there').toContainText('needle-7')
})

test('messages are produced by form and over HTTP, tombstones included, and a client reads what was meant', async ({
  page,
  request,
  client: { kafka, admin },
}) => {
  const made = 'payments'
  await admin.createTopics({ topics: [{ topic: made, numPartitions: 2 }] })
  await page.goto(at(`topics/${made}/messages`))
  const rows = page.getByRole('table', { name: 'Messages' }).getByRole('row')
  await page.getByRole('button', { name: 'Produce', exact: true }).first().click()
  const sheet = dialog(page, `Produce to ${made}`)
  const value = sheet.getByRole('textbox', { name: 'Value', exact: true })
  await sheet.getByRole('textbox', { name: 'Key', exact: true }).fill('by-form')
  await value.fill('{"amount": 12,')
  await expect(value).toHaveAccessibleDescription(/This is not JSON/)
  await expect(sheet.getByRole('button', { name: 'Produce', exact: true })).toBeDisabled()
  await value.fill(`{"amount": ${exact}}`)
  await sheet.getByRole('button', { name: 'Add a header' }).click()
  await sheet.getByRole('textbox', { name: 'Header 1: key' }).fill('origin')
  await sheet.getByRole('textbox', { name: 'Header 1: value' }).fill('desk')
  await sheet.getByLabel('Partition', { exact: true }).selectOption('1')
  await sheet.getByRole('button', { name: 'Produce', exact: true }).click()
  await expect(page.getByText('Produced: partition 1, offset 0')).toBeVisible()

  await sheet.getByRole('checkbox', { name: 'Tombstone (null)' }).check()
  await sheet.getByRole('textbox', { name: 'Key', exact: true }).press('Control+Enter')
  await expect(page.getByText('Produced: partition 1, offset 1')).toBeVisible()
  await sheet.getByRole('button', { name: 'Close' }).first().click()
  await expect(rows.filter({ hasText: 'by-form' })).toHaveCount(2)
  await expect(rows.filter({ hasText: 'by-form' }).filter({ hasText: 'null' })).toHaveCount(1)

  const v2 = await request.post(`/rest/topics/${made}`, {
    headers: { 'content-type': 'application/vnd.kafka.json.v2+json' },
    data: `{"records":[{"key":"by-v2","value":{"id":${exact}},"partition":0},{"key":"gone","value":null,"partition":0}]}`,
  })
  expect(v2.status()).toBe(200)
  expect((await v2.json()).offsets).toMatchObject([
    { partition: 0, offset: 0, error_code: null },
    { partition: 0, offset: 1, error_code: null },
  ])
  const clusters = await (await request.get('/rest/v3/clusters')).json()
  const v3 = await request.post(`/rest/v3/clusters/${clusters.data[0].cluster_id}/topics/${made}/records`, {
    headers: { 'content-type': 'application/json' },
    data: '{"partition_id":0,"key":{"type":"STRING","data":"by-v3"},"value":{"type":"JSON","data":{"n":1}}}',
  })
  expect(v3.status()).toBe(200)
  expect(await v3.json()).toMatchObject({ error_code: 200, topic_name: made, partition_id: 0, offset: 2 })

  await page.getByRole('button', { name: 'Read again' }).click()
  await expect(rows.filter({ hasText: 'by-v2' }).filter({ hasText: exact })).toBeVisible()
  await expect(rows.filter({ hasText: 'gone' }).filter({ hasText: 'null' })).toBeVisible()
  await expect(rows.filter({ hasText: 'by-v3' })).toBeVisible()
  await expect(page.getByText('everything in the range was read')).toBeVisible()

  const consumer = await consume(kafka, 'auditors', made)
  await expect.poll(() => consumer.read.length).toBe(5)
  await consumer.stop()
  expect(consumer.read.sort((a, b) => a.partition - b.partition || a.offset - b.offset)).toEqual([
    // v2's JSON is the key's bytes, quotes and all
    { partition: 0, offset: 0, key: '"by-v2"', value: `{"id":${exact}}` },
    { partition: 0, offset: 1, key: '"gone"', value: null },
    { partition: 0, offset: 2, key: 'by-v3', value: '{"n":1}' },
    { partition: 1, offset: 0, key: 'by-form', value: `{"amount": ${exact}}` },
    { partition: 1, offset: 1, key: 'by-form', value: null },
  ])
})
