'use client'
/** Language, theme and time zone: the same preferences as in the top bar, kept in this browser. */
import { useMemo } from 'react'
import { messages as shell } from '../../../_shell/messages.ts'
import { Field, Select } from '../../../_ui/field.tsx'
import { zoneName } from '../../../_ui/format.ts'
import { Panel } from '../../../_ui/page.tsx'
import { usePreferences } from '../../../_ui/preferences.tsx'
import { type Locale, locales, themes } from '../../../_ui/preferences-table.ts'
import { useHydrated } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'

export function Preferences() {
  const m = useMessages(messages)
  const s = useMessages(shell)
  const { locale, setLocale, theme, setTheme, timeZone, setTimeZone } = usePreferences()
  const hydrated = useHydrated()
  // Which zones there are, and which is this one, only the browser knows.
  const zones = useMemo(
    () => [...new Set(['local', 'UTC', timeZone, ...(hydrated ? Intl.supportedValuesOf('timeZone') : [])])],
    [hydrated, timeZone],
  )
  const local = s.localZone(hydrated ? zoneName('local') : '…')
  return (
    <Panel title={m.preferences.title}>
      <div className="flex max-w-80 flex-col gap-3">
        <Field label={s.language}>
          <Select
            value={locale}
            onChange={setLocale}
            options={(Object.keys(locales) as Locale[]).map((l) => ({ value: l, label: locales[l] }))}
          />
        </Field>
        <Field label={s.theme}>
          <Select value={theme} onChange={setTheme} options={themes.map((t) => ({ value: t, label: s.themes[t] }))} />
        </Field>
        <Field label={s.timeZone} help={m.preferences.zoneHelp}>
          <Select
            value={timeZone}
            onChange={setTimeZone}
            options={zones.map((z) => ({ value: z, label: z === 'local' ? local : z }))}
          />
        </Field>
      </div>
      <p className="prose-width mt-3 text-muted">{m.preferences.kept}</p>
    </Panel>
  )
}
