/**
 * What is in effect: the settings given at the start, and over them what the metadata says, kept up to date with it. Also the
 * controller's rules for changes, which read the same tables.
 */
import { checkBrokerConfigs, checkClientMetricsConfigs, checkGroupConfigs, checkTopicConfigs } from '../config/alter.ts'
import { brokerConfigs } from '../config/broker.ts'
import type { Table } from '../config/define.ts'
import {
  type ConfigEntry,
  describeBroker,
  describeClientMetrics,
  describeDefaultBroker,
  describeGroup,
  describeTopic,
} from '../config/describe.ts'
import { groupConfigs } from '../config/group.ts'
import { formatConfig } from '../config/parse.ts'
import {
  type BrokerConfig,
  type BrokerLayers,
  brokerConfig,
  type GroupConfig,
  groupConfig,
  groupDefaults,
  NO_TEXTS,
  type Texts,
  type TopicConfig,
  textOf,
  topicConfig,
  topicDefaults,
} from '../config/resolve.ts'
import { topicConfigs } from '../config/topic.ts'
import type { LogConfig } from '../log/log_config.ts'
import { KafkaError } from '../protocol/errors.ts'
import type { ConfigRules } from './config_rules.ts'
import { type MetadataImage, resourceType } from './image.ts'
import { logConfig } from './topic_log_config.ts'

const tables: Readonly<Record<number, Table>> = {
  [resourceType.topic]: topicConfigs,
  [resourceType.broker]: brokerConfigs,
  [resourceType.group]: groupConfigs,
}

export class Configs {
  private image: MetadataImage | undefined
  private current: BrokerConfig
  private defaults: TopicConfig
  private defaultLogConfig: LogConfig
  private groups: GroupConfig

  constructor(
    private readonly nodeId: number,
    private readonly staticTexts: Texts,
  ) {
    this.current = brokerConfig(this.layers)
    this.defaults = topicDefaults(this.layers)
    this.defaultLogConfig = logConfig(this.defaults)
    this.groups = groupDefaults(this.layers)
  }

  /** From now on the image counts too. Call again whenever settings of brokers have changed. */
  follow(image: MetadataImage): void {
    this.image = image
    this.current = brokerConfig(this.layers)
    this.defaults = topicDefaults(this.layers)
    this.defaultLogConfig = logConfig(this.defaults)
    this.groups = groupDefaults(this.layers)
  }

  /** What is set for one listener alone, as `listener.name.plaintext.max.connections`; a whole number above 0, or undefined. */
  ofListener(listener: string, name: string): number | undefined {
    const text = textOf(this.layers, `listener.name.${listener.toLowerCase()}.${name}`)
    return text !== undefined && /^[1-9]\d*$/.test(text) ? Number(text) : undefined
  }

  get broker(): BrokerConfig {
    return this.current
  }

  /** The settings of a topic's logs. Those of topics that set nothing are one object. */
  logConfigOf(topic: string): LogConfig {
    const own = this.image?.configsOf(resourceType.topic, topic) ?? NO_TEXTS
    return own.size === 0 ? this.defaultLogConfig : logConfig(topicConfig(this.defaults, own))
  }

  /** All settings of a topic. */
  topicConfigOf(topic: string): TopicConfig {
    return topicConfig(this.defaults, this.image?.configsOf(resourceType.topic, topic) ?? NO_TEXTS)
  }

  /** The settings of a group of the new protocols. */
  groupConfigOf(groupId: string): GroupConfig {
    return groupConfig(this.groups, this.image?.configsOf(resourceType.group, groupId) ?? NO_TEXTS)
  }

  /** Everything of one resource, as DescribeConfigs shows it. Throws where there is no such resource. */
  describe(type: number, name: string): ConfigEntry[] {
    const own = this.image?.configsOf(type, name) ?? NO_TEXTS
    switch (type) {
      case resourceType.topic:
        return describeTopic(this.layers, own)
      case resourceType.group:
        if (name === '') throw new KafkaError('INVALID_REQUEST', 'A group has a name.')
        return describeGroup(this.layers, own)
      case resourceType.clientMetrics:
        if (name === '') throw new KafkaError('INVALID_REQUEST', 'A subscription has a name.')
        return describeClientMetrics(own)
      case resourceType.broker:
        if (name === '') return describeDefaultBroker(this.layers)
        if (name === String(this.nodeId)) return describeBroker(this.layers)
        throw new KafkaError('INVALID_REQUEST', `This is broker ${this.nodeId}; ask broker ${name} for its settings.`)
      default:
        throw new KafkaError('INVALID_REQUEST', `There are no settings of the resource type ${type} here.`)
    }
  }

  readonly rules: ConfigRules = {
    problem: ({ type, name }, values) => {
      switch (type) {
        case resourceType.topic:
          return checkTopicConfigs(this.layers, values) ?? undefined
        case resourceType.group:
          return checkGroupConfigs(this.layers, values) ?? undefined
        case resourceType.broker:
          return checkBrokerConfigs(this.layers, values, name === '' ? 'cluster-wide' : 'per-broker') ?? undefined
        case resourceType.clientMetrics:
          return checkClientMetricsConfigs(values) ?? undefined
        default:
          return new KafkaError('INVALID_REQUEST', `Settings of the resource type ${type} cannot be changed here.`)
      }
    },
    isList: (type, name) => tables[type]?.[name]?.type === 'list',
    defaultValue: (type, name) => {
      const row = tables[type]?.[name]
      return row ? formatConfig(row, row.default) : null
    },
    effectiveTopicConfigs: (own) =>
      describeTopic(this.layers, own).map((e) => ({
        name: e.name,
        value: e.sensitive ? null : e.value,
        readOnly: e.readOnly,
        configSource: e.source,
        isSensitive: e.sensitive,
      })),
  }

  private get layers(): BrokerLayers {
    return {
      dynamicBroker: this.image?.configsOf(resourceType.broker, String(this.nodeId)) ?? NO_TEXTS,
      dynamicDefault: this.image?.configsOf(resourceType.broker, '') ?? NO_TEXTS,
      static: this.staticTexts,
    }
  }
}
