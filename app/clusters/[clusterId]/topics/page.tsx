/** The topics of the cluster. */
import { titled } from '../../../_ui/title.ts'
import { messages } from './messages.ts'
import { Topics } from './topics.tsx'

export const generateMetadata = () => titled(messages, (m) => m.title)

export default function Page() {
  return <Topics />
}
