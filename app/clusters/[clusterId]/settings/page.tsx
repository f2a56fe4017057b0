/** Preferences, saved views, and what the console knows of the cluster and of itself. */
import { titled } from '../../../_ui/title.ts'
import { messages } from './messages.ts'
import { Settings } from './settings.tsx'

export const generateMetadata = () => titled(messages, (m) => m.title)

export default function Page() {
  return <Settings />
}
