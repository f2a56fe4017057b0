/** The cluster lab: what becomes of a cluster when its processes are disturbed. */
import { titled } from '../../../_ui/title.ts'
import { Lab } from './lab.tsx'
import { messages } from './messages.ts'

export const generateMetadata = () => titled(messages, (m) => m.title)

export default function Page() {
  return <Lab />
}
