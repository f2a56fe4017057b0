/** What is in effect of the settings that limit connections. Those of a listener hold besides those of the broker. */
import type { Configs } from '../metadata/configs.ts'
import type { ConnectionSettings } from '../quota/connection_quotas.ts'

export const connectionSettingsOf = (configs: Configs, listener: string) => (): ConnectionSettings => {
  const { broker } = configs
  const least = (name: 'max.connections' | 'max.connection.creation.rate') =>
    Math.min(broker[name], configs.ofListener(listener, name) ?? broker[name])
  return {
    maxConnections: least('max.connections'),
    maxPerIp: broker['max.connections.per.ip'],
    perIpOverrides: broker['max.connections.per.ip.overrides'],
    maxCreationRate: least('max.connection.creation.rate'),
    backlog: broker['socket.listen.backlog.size'],
  }
}
