/** One broker. */
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { titled } from '../../../../_ui/title.ts'
import { messages } from '../messages.ts'
import { Broker } from './broker.tsx'

type Params = Promise<{ clusterId: string; brokerId: string }>

export async function generateMetadata({ params }: { params: Params }): Promise<Metadata> {
  const { brokerId } = await params
  return titled(messages, (m) => m.broker(brokerId))
}

export default async function Page({ params }: { params: Params }) {
  const { brokerId } = await params
  if (!/^\d{1,9}$/.test(brokerId)) notFound()
  return <Broker brokerId={Number(brokerId)} />
}
