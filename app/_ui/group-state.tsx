'use client'
/** A consumer group's state: Kafka's name for it, with its meaning as colour. */
import { Badge, type Tone } from './badge.tsx'
import { translations } from './translations.ts'
import { useMessages } from './use-messages.ts'

const tones: Readonly<Record<string, Tone>> = {
  Stable: 'ok',
  Empty: 'neutral',
  PreparingRebalance: 'warn',
  CompletingRebalance: 'warn',
  Assigning: 'warn',
  Reconciling: 'warn',
  Dead: 'bad',
}

const messages = translations(
  {
    Stable: 'Stable',
    Empty: 'Empty',
    PreparingRebalance: 'Preparing rebalance',
    CompletingRebalance: 'Completing rebalance',
    Assigning: 'Assigning',
    Reconciling: 'Reconciling',
    Dead: 'Dead',
  },
  {
    Stable: '稳定',
    Empty: '无成员',
    PreparingRebalance: '准备再均衡',
    CompletingRebalance: '完成再均衡',
    Assigning: '分配中',
    Reconciling: '协调中',
    Dead: '已失效',
  },
)

export function GroupState({ state }: { state: string }) {
  const m = useMessages(messages) as Readonly<Record<string, string>>
  return <Badge tone={tones[state] ?? 'neutral'}>{m[state] ?? state}</Badge>
}
