/** What `/rest` offers, with examples for the address and the cluster in use. */
import { titled } from '../../../_ui/title.ts'
import { HttpApi } from './http-api.tsx'
import { messages } from './messages.ts'
import { base, operations } from './operations.ts'

export const generateMetadata = () => titled(messages, (m) => m.title)

export default function Page() {
  return <HttpApi base={base} operations={operations()} />
}
