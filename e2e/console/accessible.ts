/** What every page must be: clean to axe in both themes, and drawn before it is judged. */
import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect } from './fixtures.ts'

/** In the theme that stands, then in the other. */
export async function expectClean(page: Page, what: string) {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect.soft(await violations(page), `${what}, ${colorScheme}`).toEqual([])
  }
}

/** Every rule of axe; nothing is left out. The page has no frames, so it need not be looked at from a second one. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
  const looked = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .analyze()
  return looked.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}\n  ${html}\n  ${failureSummary}`),
  )
}

/** Everything that is asked for has come. */
export async function settled(page: Page) {
  await expect(page.locator('h1')).toBeVisible()
  await expect(page.getByText('Loading', { exact: true })).toHaveCount(0)
  await page.evaluate(() => document.fonts.ready)
}
