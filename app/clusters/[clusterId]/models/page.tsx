/** The documents' formulas beside what is measured. */
import { titled } from '../../../_ui/title.ts'
import { messages } from './messages.ts'
import { Models } from './models.tsx'

export const generateMetadata = () => titled(messages, (m) => m.title)

export default function Page() {
  return <Models />
}
