'use client'
/** What the audit log's actions are called: `topics.create` → "created". An action that is not in the table is shown as it is. */
import { translations } from './translations.ts'
import { useMessages } from './use-messages.ts'

const messages = translations(
  {
    'topics.create': 'created',
    'topics.alterConfigs': 'configuration changed',
    'topics.increasePartitions': 'partitions added',
    'topics.purge': 'records deleted',
    'topics.delete': 'deleted',
    'messages.produce': 'message produced',
    'groups.reset': 'offsets reset',
    'groups.delete': 'deleted',
    'brokers.alterConfig': 'configuration changed',
    'replicas.elect': 'preferred leaders elected',
    'replicas.reassign': 'replicas moved',
    'replicas.cancel': 'move of replicas cancelled',
    'models.startProbe': 'probe started',
    'models.stopProbe': 'probe stopped',
    'lab.kill': 'killed',
    'lab.killAndHold': 'killed and kept down',
    'lab.pause': 'paused',
    'lab.resume': 'resumed',
    'lab.stop': 'stopped',
    'lab.start': 'started',
    'lab.restart': 'restarted',
    'lab.faults': 'faults set',
    'lab.run': 'run of the lab started',
    failed: 'failed',
  },
  {
    'topics.create': '已创建',
    'topics.alterConfigs': '已更改配置',
    'topics.increasePartitions': '已增加分区',
    'topics.purge': '已清除记录',
    'topics.delete': '已删除',
    'messages.produce': '已发送消息',
    'groups.reset': '已重置位移',
    'groups.delete': '已删除',
    'brokers.alterConfig': '已更改配置',
    'replicas.elect': '已选举首选领导者',
    'replicas.reassign': '已移动副本',
    'replicas.cancel': '已取消副本移动',
    'models.startProbe': '已启动探测',
    'models.stopProbe': '已停止探测',
    'lab.kill': '已终止',
    'lab.killAndHold': '已终止并保持停机',
    'lab.pause': '已暂停',
    'lab.resume': '已恢复',
    'lab.stop': '已停止',
    'lab.start': '已启动',
    'lab.restart': '已重启',
    'lab.faults': '已设置故障',
    'lab.run': '已开始实验室运行',
    failed: '失败',
  },
)

export function useActionText(): (action: string) => string {
  const m = useMessages(messages) as Readonly<Record<string, string>>
  return (action) => m[action] ?? action
}
