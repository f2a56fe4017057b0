'use client'
/** The left rail: which cluster, which page. Narrow screens show icons, phones a drawer. */
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { Dialog } from 'radix-ui'
import { useClusterId } from '../_ui/cluster.tsx'
import { messages as common } from '../_ui/common.ts'
import { cx } from '../_ui/cx.ts'
import { Tip } from '../_ui/tip.tsx'
import { useMessages } from '../_ui/use-messages.ts'
import { ClusterSwitcher } from './cluster-switcher.tsx'
import { messages } from './messages.ts'
import { hrefOf, nav } from './nav.ts'

export function Rail({ open, onClose }: { open: boolean; onClose(): void }) {
  const m = useMessages(common)
  return (
    <>
      <div className="hidden w-[52px] shrink-0 flex-col border-r bg-sunken sm:flex lg:w-[196px]">
        <Content wide={false} />
      </div>
      <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
        <Dialog.Portal>
          <Dialog.Overlay className="fixed inset-0 z-40 bg-black/35" />
          <Dialog.Content
            aria-describedby={undefined}
            className="slide-in-from-left-6 fixed inset-y-0 left-0 z-40 flex w-64 animate-in flex-col border-line-strong border-r bg-sunken shadow-float"
          >
            <Dialog.Title className="sr-only">{m.menu}</Dialog.Title>
            <Content wide />
          </Dialog.Content>
        </Dialog.Portal>
      </Dialog.Root>
    </>
  )
}

/** `wide`: with words at any width of the screen. */
function Content({ wide }: { wide: boolean }) {
  const m = useMessages(messages)
  const clusterId = useClusterId()
  const pathname = usePathname()
  return (
    <>
      <ClusterSwitcher wide={wide} />
      <nav aria-label={m.nav.label} className="flex flex-1 flex-col gap-0.5 overflow-y-auto p-2">
        {nav.map((page) => {
          const href = hrefOf(page, clusterId)
          const current = pathname === href || pathname.startsWith(`${href}/`)
          const link = (
            <Link
              href={href}
              aria-current={current ? 'page' : undefined}
              className={cx(
                'flex h-8 items-center gap-2.5 rounded-md px-2.5 font-medium',
                current ? 'bg-accent-soft text-accent' : 'text-muted hover:bg-hover hover:text-ink',
              )}
            >
              <page.icon size={16} aria-hidden className="shrink-0" />
              <span className={wide ? '' : 'sr-only lg:not-sr-only'}>{m.nav[page.name]}</span>
            </Link>
          )
          return wide ? (
            <div key={page.name}>{link}</div>
          ) : (
            <div key={page.name}>
              <div className="lg:hidden">
                <Tip text={m.nav[page.name]} side="right">
                  {link}
                </Tip>
              </div>
              <div className="hidden lg:block">{link}</div>
            </div>
          )
        })}
      </nav>
    </>
  )
}
