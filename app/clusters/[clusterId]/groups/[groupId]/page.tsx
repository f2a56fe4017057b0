/** One consumer group. */
import type { Metadata } from 'next'
import { decodeName, shownName } from '../../../../_ui/paths.ts'
import { Group } from './group.tsx'

type Params = Promise<{ clusterId: string; groupId: string }>

export async function generateMetadata({ params }: { params: Params }): Promise<Metadata> {
  return { title: shownName(decodeName((await params).groupId)) }
}

export default async function Page({ params }: { params: Params }) {
  return <Group groupId={decodeName((await params).groupId)} />
}
