/** A topic's address without a view leads to its messages. */
import { redirect } from 'next/navigation'
import { decodeName, paths } from '../../../../_ui/paths.ts'

export default async function Page({ params }: { params: Promise<{ clusterId: string; topic: string }> }) {
  const { clusterId, topic } = await params
  redirect(paths.topic(decodeName(clusterId), decodeName(topic)))
}
