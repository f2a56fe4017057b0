/** What all views of a topic have in common: its name and facts, what can be done to it, the tabs. */
import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { decodeName } from '../../../../_ui/paths.ts'
import { TopicFrame } from './topic-frame.tsx'

type Params = Promise<{ clusterId: string; topic: string }>

export async function generateMetadata({ params }: { params: Params }): Promise<Metadata> {
  return { title: decodeName((await params).topic) }
}

export default async function Layout({ params, children }: { params: Params; children: ReactNode }) {
  return <TopicFrame topic={decodeName((await params).topic)}>{children}</TopicFrame>
}
