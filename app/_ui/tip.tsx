'use client'
/** A short text beside what the pointer or the focus is on. Never the only place where something is said. */
import { Tooltip } from 'radix-ui'
import type { ReactNode } from 'react'

/** A landmark at the end of the page, so that no text stands outside of all landmarks. */
export const overlaysId = 'overlays'

/** Where tips, menus and popovers are drawn. */
export function overlays(): HTMLElement | null {
  return typeof document === 'undefined' ? null : document.getElementById(overlaysId)
}

export function Tips({ children }: { children: ReactNode }) {
  return <Tooltip.Provider delayDuration={350}>{children}</Tooltip.Provider>
}

export function Tip({
  text,
  side = 'bottom',
  children,
}: {
  text: ReactNode
  side?: 'top' | 'right' | 'bottom' | 'left'
  children: ReactNode
}) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal container={overlays()}>
        <Tooltip.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-w-80 rounded-sm border border-line-strong bg-raised px-2 py-1 text-ink text-xs shadow-float"
        >
          {text}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  )
}
