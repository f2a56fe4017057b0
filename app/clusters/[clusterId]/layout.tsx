/** Every page of a cluster stands in the shell. */
import type { ReactNode } from 'react'
import { Shell } from '../../_shell/shell.tsx'

export default function ClusterLayout({ children }: { children: ReactNode }) {
  return <Shell>{children}</Shell>
}
