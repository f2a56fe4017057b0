'use client'
/**
 * Sentences that the server writes in English with a code and values, in the reader's language. A code that is not in the
 * table is shown as the server wrote it.
 */
import { useCallback } from 'react'
import type { Note } from '../../server/console/shapes/plan.ts'
import { formatBytes, formatInteger } from './format.ts'
import { useLocale } from './preferences.tsx'

type Values = Readonly<Record<string, string | number>>

const count = (v: Values, name: string) => formatInteger(Number(v[name] ?? 0))

const zh: Readonly<Record<string, (v: Values) => string>> = {
  'retention-lowered': (v) => `调低 ${v.config} 后，较旧的记录很快会被永久删除。`,
  'compaction-on': () => '压实只保留每个键的最后一条记录，没有键的记录会被拒绝。',
  'deletion-on': () => '从现在起，早于 retention.ms 的记录会被删除。',
  'messages-refused': () => '发送更大批次的生产者会被拒绝。',
  'writes-refused': () => '同步副本不足时，acks=all 的写入会被拒绝。',
  'single-replica': () => '只有一个副本：其代理节点停机时主题不可用，甚至丢失。',
  'mixed-separators': () => '指标中不区分主题名里的“.”和“_”，两个这样的名称可能冲突。',
  'offsets-lost': () => '已提交的位移会丢失。',
  'topic-deleted': (v) =>
    Number(v.records) < 0 ? '其所有记录会被永久删除。' : `其所有记录（最多 ${count(v, 'records')} 条）会被永久删除。`,
  'producers-active': () => '目前有客户端正在写入；如果启用了自动创建主题，它可能会以空主题重新出现。',
  'internal-topic': () => '这是内部主题，集群的其他部分依赖它。',
  rebalance: () => '其成员发现新分区后会重新分配。',
  'keys-move': () => '从现在起，同一个键的记录可能进入其他分区，变更前后的顺序不再保证。',
  irreversible: () => '分区增加后不能减少。',
  'records-deleted': (v) => `最多 ${count(v, 'records')} 条记录会被永久删除。`,
  'unread-deleted': (v) => `其中有 ${count(v, 'records')} 条它还没有读取。`,
  'group-active': (v) => `消费者组有 ${count(v, 'members')} 个已连接的成员，在它们停止之前 Kafka 会拒绝。`,
  'read-again': (v) => `最多 ${count(v, 'records')} 条记录会被再次读取。`,
  skipped: (v) => `最多 ${count(v, 'records')} 条记录会被跳过。`,
  'lab-leads': (v) => `它领导 ${count(v, 'partitions')} 个分区中的 ${count(v, 'led')} 个。`,
  'lab-no-controller': () => '没有控制器时不会选举领导者，也不会创建主题；现有的领导者保持不变。',
  'lab-offline': (v) => `没有其他同步副本：在它恢复之前，${count(v, 'partitions')} 个分区没有领导者。`,
  'lab-writes': (v) => `每秒向 ${count(v, 'partitions')} 个分区各写入十条记录。`,
  'lab-disturbs': () => '该场景会扰动正在为此集群所有人服务的进程。',
  'preferred-out-of-sync': (v) => `${count(v, 'partitions')} 个分区的首选副本未同步，其领导者保持不变。`,
  'leaders-move': () => '客户端会自行转向新的领导者，只需片刻。',
  'replicas-copied': (v) =>
    `新副本会在不中断读写的情况下复制（约 ${formatBytes(Number(v.bytes ?? 0))}），完成后移除旧副本。`,
  'below-min-isr': (v) => `min.insync.replicas 为 ${v.minIsr}，多于将有的副本：之后 acks=all 需要所有副本都同步。`,
  'nobody-to-copy-from': (v) => `${count(v, 'partitions')} 个分区没有领导者：在其代理节点恢复之前无法复制。`,
  'copies-deleted': () => '到目前为止已复制的内容会被删除。',
  'own-value-holds': (v) => `代理节点 ${v.broker} 有自己的值，它优先于此值。`,
  'nothing-changes': () => '所有分区都已在该位置。',
}

export function useNoteText(): (note: Note) => string {
  const locale = useLocale()
  return useCallback(
    (note: Note) => (locale === 'zh' ? zh[note.code]?.(note.values) : undefined) ?? grouped(note),
    [locale],
  )
}

/** The server's own sentence, its numbers written as everywhere else. */
function grouped({ message, values }: Note): string {
  const numbers = Object.values(values).filter((v): v is number => typeof v === 'number' && v >= 1_000)
  return numbers.reduce((text, n) => text.replace(String(n), formatInteger(n)), message)
}
