/** The consumer groups of the cluster. */
import { titled } from '../../../_ui/title.ts'
import { Groups } from './groups.tsx'
import { messages } from './messages.ts'

export const generateMetadata = () => titled(messages, (m) => m.title)

export default function Page() {
  return <Groups />
}
