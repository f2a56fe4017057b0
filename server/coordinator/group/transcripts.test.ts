/** Dialogues with the group coordinator. After a change that is meant: `npx vitest run server/coordinator -u`, and read the diff. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { play } from './dialogue.ts'

const folder = fileURLToPath(new URL('transcripts', import.meta.url))

describe('a dialogue with the group coordinator goes as written', () => {
  for (const name of readdirSync(folder).sort()) {
    const file = `${folder}/${name}`
    const text = readFileSync(file, 'utf8')
    // The first line of a transcript is a sentence about what it shows.
    test(text.split('\n')[0]!.replace(/^#\s*/, ''), async () => {
      await expect(await play(text)).toMatchFileSnapshot(file)
    })
  }
})
