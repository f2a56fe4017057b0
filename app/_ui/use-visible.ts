'use client'
/**
 * Whether the page can be seen. Live figures stop in hidden tabs: a browser keeps six connections to one address over
 * HTTP/1.1, and event streams of forgotten tabs would take them all.
 */
import { useSyncExternalStore } from 'react'

export function useVisible(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => document.visibilityState === 'visible',
    () => true,
  )
}

function subscribe(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener)
  return () => document.removeEventListener('visibilitychange', listener)
}
