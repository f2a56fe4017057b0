/** A page's address, pasted or typed, as a view to be saved: its path and query within the console, and the page it belongs to. */

export interface ViewAddress {
  readonly page: string
  readonly url: string
}

/** `origin` of the console. Undefined: not the address of one of its pages of this cluster. */
export function viewAddress(typed: string, origin: string, clusterPath: string): ViewAddress | undefined {
  let url: URL
  try {
    url = new URL(typed.trim(), origin)
  } catch {
    return undefined
  }
  if (url.origin !== origin || !url.pathname.startsWith(`${clusterPath}/`)) return undefined
  const page = url.pathname.slice(clusterPath.length + 1).split('/')[0]
  return page ? { page, url: `${url.pathname}${url.search}` } : undefined
}
