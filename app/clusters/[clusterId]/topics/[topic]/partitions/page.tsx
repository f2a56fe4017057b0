import { Partitions } from './partitions.tsx'

export default function Page() {
  return <Partitions />
}
