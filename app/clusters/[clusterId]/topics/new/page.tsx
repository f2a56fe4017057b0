/** A new topic. */
import { titled } from '../../../../_ui/title.ts'
import { messages } from '../messages.ts'
import { NewTopic } from './new-topic.tsx'

export const generateMetadata = () => titled(messages, (m) => m.create.title)

export default function Page() {
  return <NewTopic />
}
