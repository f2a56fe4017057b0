/** The broker's settings in the form that its log dir reads: anew at each use, for they may change. */
import type { BrokerConfig } from '../config/resolve.ts'
import type { CleanerConfig } from '../log/compaction/log_cleaner.ts'
import type { LogDirConfig } from '../log/log_manager.ts'

export const logDirConfigOf = (config: () => BrokerConfig): LogDirConfig & CleanerConfig => ({
  get 'log.initial.task.delay.ms'() {
    return config()['log.initial.task.delay.ms']
  },
  get 'log.flush.start.offset.checkpoint.interval.ms'() {
    return config()['log.flush.start.offset.checkpoint.interval.ms']
  },
  get 'log.flush.offset.checkpoint.interval.ms'() {
    return config()['log.flush.offset.checkpoint.interval.ms']
  },
  get 'replica.high.watermark.checkpoint.interval.ms'() {
    return config()['replica.high.watermark.checkpoint.interval.ms']
  },
  get 'log.retention.check.interval.ms'() {
    return config()['log.retention.check.interval.ms']
  },
  get 'producer.id.expiration.ms'() {
    return config()['producer.id.expiration.ms']
  },
  get 'producer.id.expiration.check.interval.ms'() {
    return config()['producer.id.expiration.check.interval.ms']
  },
  get 'log.cleaner.enable'() {
    return config()['log.cleaner.enable']
  },
  get 'log.cleaner.threads'() {
    return config()['log.cleaner.threads']
  },
  get 'log.cleaner.backoff.ms'() {
    return config()['log.cleaner.backoff.ms']
  },
  get 'log.cleaner.dedupe.buffer.size'() {
    return config()['log.cleaner.dedupe.buffer.size']
  },
  get 'log.cleaner.io.buffer.load.factor'() {
    return config()['log.cleaner.io.buffer.load.factor']
  },
  get 'log.cleaner.io.buffer.size'() {
    return config()['log.cleaner.io.buffer.size']
  },
  get 'log.cleaner.io.max.bytes.per.second'() {
    return config()['log.cleaner.io.max.bytes.per.second']
  },
})
