'use client'
/** The bar above every page: where you are, the palette, time zone, language, theme, shortcuts. */
import { Clock, Keyboard, Languages, Menu as MenuIcon, Monitor, Moon, Search, Sun } from 'lucide-react'
import { useState } from 'react'
import { Button, IconButton } from '../_ui/button.tsx'
import { messages as common } from '../_ui/common.ts'
import { zoneName } from '../_ui/format.ts'
import { Menu, MenuChoices, MenuItem, MenuLabel, MenuLine } from '../_ui/menu.tsx'
import { usePreferences } from '../_ui/preferences.tsx'
import { locales, type Theme, themes } from '../_ui/preferences-table.ts'
import { useHydrated } from '../_ui/use-format.ts'
import { useMessages } from '../_ui/use-messages.ts'
import { Breadcrumb } from './breadcrumb.tsx'
import { messages } from './messages.ts'
import { ZoneDialog } from './zone-dialog.tsx'

const themeIcons = { system: Monitor, light: Sun, dark: Moon } as const

export function TopBar({ onMenu, onPalette, onShortcuts }: { onMenu(): void; onPalette(): void; onShortcuts(): void }) {
  const m = useMessages(messages)
  const c = useMessages(common)
  const preferences = usePreferences()
  const hydrated = useHydrated()
  const [zoneOpen, setZoneOpen] = useState(false)
  const local = hydrated ? zoneName('local') : '…'
  const zone = preferences.timeZone === 'local' ? local : preferences.timeZone
  const zones = [...new Set(['local', 'UTC', preferences.timeZone])]

  return (
    <header className="flex h-11 shrink-0 items-center gap-1 border-b bg-surface px-2 sm:pr-3 sm:pl-5">
      <IconButton label={c.menu} icon={MenuIcon} onClick={onMenu} className="sm:hidden" />
      <Breadcrumb />
      <div className="ml-auto flex items-center gap-0.5">
        <button
          type="button"
          onClick={onPalette}
          aria-label={m.palette.open}
          aria-keyshortcuts="Meta+K Control+K"
          className="mr-1 flex h-7 items-center gap-2 rounded-md border border-line-strong bg-canvas px-2 text-muted hover:bg-hover hover:text-ink md:w-48"
        >
          <Search size={14} aria-hidden />
          <span className="hidden md:inline">{m.palette.open}</span>
          <kbd className="ml-auto hidden rounded-sm border bg-surface px-1 text-faint text-xs md:inline">⌘K</kbd>
        </button>
        <Menu
          trigger={
            <Button kind="quiet" icon={Clock} aria-label={`${m.timeZone}: ${zone}`} className="px-1.5">
              <span className="num hidden xl:inline">{zone}</span>
            </Button>
          }
        >
          <MenuLabel>{m.timeZone}</MenuLabel>
          <MenuChoices
            value={preferences.timeZone}
            onChange={preferences.setTimeZone}
            options={zones.map((z) => ({ value: z, label: z === 'local' ? m.localZone(local) : z }))}
          />
          <MenuLine />
          <MenuItem onSelect={() => setZoneOpen(true)}>{m.otherZone}</MenuItem>
        </Menu>
        <Menu trigger={<IconButton label={m.language} icon={Languages} tip={false} />}>
          <MenuLabel>{m.language}</MenuLabel>
          <MenuChoices
            value={preferences.locale}
            onChange={preferences.setLocale}
            options={(Object.keys(locales) as (keyof typeof locales)[]).map((l) => ({
              value: l,
              label: locales[l],
              lang: l === 'zh' ? 'zh-CN' : l,
            }))}
          />
        </Menu>
        <Menu trigger={<IconButton label={m.theme} icon={themeIcons[preferences.theme]} tip={false} />}>
          <MenuLabel>{m.theme}</MenuLabel>
          <MenuChoices<Theme>
            value={preferences.theme}
            onChange={preferences.setTheme}
            options={themes.map((t) => ({ value: t, label: m.themes[t] }))}
          />
        </Menu>
        <IconButton label={m.shortcuts.open} icon={Keyboard} onClick={onShortcuts} className="max-sm:hidden" />
      </div>
      <ZoneDialog open={zoneOpen} onClose={() => setZoneOpen(false)} />
    </header>
  )
}
