'use client'
/** Keys that work on every page: ⌘K or Ctrl K, `/`, `?`, and `g` followed by a page's letter. */
import { useRouter } from 'next/navigation'
import { useEffect, useRef } from 'react'
import { useClusterId } from '../_ui/cluster.tsx'
import { hrefOf, nav } from './nav.ts'

const sequenceMs = 1_200

export function useShortcuts(on: { palette(): void; help(): void }) {
  const router = useRouter()
  const clusterId = useClusterId()
  const handlers = useRef(on)
  handlers.current = on

  useEffect(() => {
    let goneTo = 0
    function keydown(event: KeyboardEvent) {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        handlers.current.palette()
        return
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target) || isInDialog(event.target)) return
      if (event.key === '/') {
        event.preventDefault()
        const search = document.querySelector<HTMLInputElement>('[data-page-search]')
        if (search) search.focus()
        else handlers.current.palette()
      } else if (event.key === '?') {
        event.preventDefault()
        handlers.current.help()
      } else if (event.key === 'g') {
        goneTo = event.timeStamp
      } else if (event.timeStamp - goneTo < sequenceMs) {
        goneTo = 0
        const page = nav.find((p) => p.key === event.key)
        if (page) router.push(hrefOf(page, clusterId))
      }
    }
    document.addEventListener('keydown', keydown)
    return () => document.removeEventListener('keydown', keydown)
  }, [router, clusterId])
}

/** Whether a key belongs to what is being typed. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

function isInDialog(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role="dialog"][data-state="open"]') !== null
}
