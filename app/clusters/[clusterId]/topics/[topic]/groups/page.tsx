import { TopicGroups } from './topic-groups.tsx'

export default function Page() {
  return <TopicGroups />
}
