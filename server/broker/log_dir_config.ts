/** The broker's settings in the form that its log dir reads: anew at each use, for they may change. */
import type { BrokerConfig } from '../config/resolve.ts'
import type { LogDirConfig } from '../log/log_manager.ts'

export const logDirConfigOf = (config: () => BrokerConfig): LogDirConfig => ({
  get 'log.flush.offset.checkpoint.interval.ms'() {
    return config()['log.flush.offset.checkpoint.interval.ms']
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
})
