/** The cluster at a glance. */
import { titled } from '../../../_ui/title.ts'
import { messages } from './messages.ts'
import { Overview } from './overview.tsx'

export const generateMetadata = () => titled(messages, (m) => m.title)

export default function Page() {
  return <Overview />
}
