/** A cluster's address without a page leads to its overview. */
import { redirect } from 'next/navigation'
import { paths } from '../../_ui/paths.ts'

export default async function Cluster({ params }: { params: Promise<{ clusterId: string }> }) {
  redirect(paths.overview((await params).clusterId))
}
