'use client'
/** Where the page stands, read off its address: page, then the topic or group. */
import { ChevronRight } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useClusterId } from '../_ui/cluster.tsx'
import { cx } from '../_ui/cx.ts'
import { decodeName, paths } from '../_ui/paths.ts'
import { useMessages } from '../_ui/use-messages.ts'
import { messages } from './messages.ts'
import { hrefOf, nav } from './nav.ts'

export function Breadcrumb() {
  const m = useMessages(messages)
  const clusterId = useClusterId()
  const crumbs = crumbsOf(usePathname(), clusterId, m)
  return (
    <nav aria-label={m.breadcrumb} className="min-w-0">
      <ol className="flex min-w-0 items-center gap-1">
        {crumbs.map((crumb, index) => {
          const last = index === crumbs.length - 1
          return (
            <li key={crumb.href} className={cx('flex items-center gap-1', last ? 'min-w-0' : 'shrink-0')}>
              {index > 0 && <ChevronRight size={13} className="shrink-0 text-faint" aria-hidden />}
              <Link
                href={crumb.href}
                aria-current={last ? 'page' : undefined}
                className={cx(
                  'truncate rounded-sm px-1 py-0.5',
                  last ? 'font-medium text-ink' : 'text-muted hover:text-ink',
                  crumb.mono && 'num',
                )}
              >
                {crumb.label}
              </Link>
            </li>
          )
        })}
      </ol>
    </nav>
  )
}

type Words = (typeof messages)['en']

function crumbsOf(pathname: string, clusterId: string, m: Words): { href: string; label: string; mono?: boolean }[] {
  // /clusters/ID/PAGE/NAME/TAB
  const [, , , pageName, name] = pathname.split('/')
  const page = nav.find((p) => p.name === pageName)
  if (!page) return []
  const crumbs: { href: string; label: string; mono?: boolean }[] = [
    { href: hrefOf(page, clusterId), label: m.nav[page.name] },
  ]
  if (name === undefined) return crumbs
  if (pageName === 'topics' && name === 'new') crumbs.push({ href: paths.newTopic(clusterId), label: m.newTopic })
  else if (pageName === 'topics')
    crumbs.push({ href: paths.topic(clusterId, decodeName(name)), label: decodeName(name), mono: true })
  else crumbs.push({ href: `${hrefOf(page, clusterId)}/${name}`, label: decodeName(name) || '""', mono: true })
  return crumbs
}
