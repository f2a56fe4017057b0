'use client'
/** The frame around every page: rail, top bar, content; palette and shortcuts. */
import { usePathname } from 'next/navigation'
import { type ReactNode, useEffect, useState } from 'react'
import { messages as common } from '../_ui/common.ts'
import { overlaysId, Tips } from '../_ui/tip.tsx'
import { useMessages } from '../_ui/use-messages.ts'
import { ClusterNotice } from './cluster-notice.tsx'
import { Palette } from './palette.tsx'
import { Rail } from './rail.tsx'
import { Shortcuts } from './shortcuts.tsx'
import { TopBar } from './top-bar.tsx'
import { useShortcuts } from './use-shortcuts.ts'

export function Shell({ children }: { children: ReactNode }) {
  const m = useMessages(common)
  const [palette, setPalette] = useState(false)
  const [shortcuts, setShortcuts] = useState(false)
  const [rail, setRail] = useState(false)
  const pathname = usePathname()
  useShortcuts({ palette: () => setPalette(true), help: () => setShortcuts(true) })

  // biome-ignore lint/correctness/useExhaustiveDependencies: going to another page closes the menu
  useEffect(() => setRail(false), [pathname])

  return (
    <Tips>
      <nav aria-label={m.skipToContent}>
        <a
          href="#content"
          className="-top-10 fixed left-2 z-50 rounded-md border border-line-strong bg-raised px-3 py-1.5 font-medium focus:top-2"
        >
          {m.skipToContent}
        </a>
      </nav>
      <div className="flex h-dvh overflow-hidden">
        <Rail open={rail} onClose={() => setRail(false)} />
        <div className="flex min-w-0 flex-1 flex-col">
          <TopBar
            onMenu={() => setRail(true)}
            onPalette={() => setPalette(true)}
            onShortcuts={() => setShortcuts(true)}
          />
          <ClusterNotice />
          <main id="content" tabIndex={-1} className="relative min-h-0 flex-1 overflow-auto outline-none">
            {children}
          </main>
        </div>
      </div>
      <section id={overlaysId} aria-label={m.tips} />
      <Palette open={palette} onClose={() => setPalette(false)} />
      <Shortcuts open={shortcuts} onClose={() => setShortcuts(false)} />
    </Tips>
  )
}
