/** `listeners` and `advertised.listeners`: NAME://host:port, and which security protocol each name stands for. */

export interface ListenerAddress {
  readonly name: string
  /** Empty: every interface. IPv6 without brackets. */
  readonly host: string
  readonly port: number
  readonly securityProtocol: SecurityProtocol
}

export const securityProtocols = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const
export type SecurityProtocol = (typeof securityProtocols)[number]
/** The number on the wire. */
export const securityProtocolId: Readonly<Record<SecurityProtocol, number>> = {
  PLAINTEXT: 0,
  SSL: 1,
  SASL_PLAINTEXT: 2,
  SASL_SSL: 3,
}

/**
 * Reads the addresses in `items`, or says in one sentence what is wrong with them. `setting` is the name of the setting
 * they come from; `protocolMap` is `listener.security.protocol.map`.
 */
export function parseListeners(
  setting: string,
  items: readonly string[],
  protocolMap: string,
): ListenerAddress[] | string {
  const protocols = parseProtocolMap(protocolMap)
  if (typeof protocols === 'string') return protocols
  const listeners: ListenerAddress[] = []
  for (const item of items) {
    const m = /^([A-Za-z0-9._-]+):\/\/(?:\[([0-9A-Fa-f:.%]*)\]|([^:/\s[\]]*)):(\d{1,5})$/.exec(item)
    if (!m || Number(m[4]) > 65535)
      return `${setting} must be like PLAINTEXT://localhost:9092, not ${JSON.stringify(item)}.`
    const name = m[1]!.toUpperCase()
    const securityProtocol = protocols.get(name)
    if (!securityProtocol) return `${setting} names the listener ${name}, which listener.security.protocol.map lacks.`
    if (listeners.some((l) => l.name === name)) return `${setting} names the listener ${name} twice.`
    listeners.push({ name, host: m[2] ?? m[3] ?? '', port: Number(m[4]), securityProtocol })
  }
  return listeners
}

export const formatListener = (l: { name: string; host: string; port: number }): string =>
  `${l.name}://${l.host.includes(':') ? `[${l.host}]` : l.host}:${l.port}`

function parseProtocolMap(text: string): Map<string, SecurityProtocol> | string {
  const map = new Map<string, SecurityProtocol>()
  for (const item of text.split(',').filter((x) => x.trim() !== '')) {
    const [name, protocol] = item.split(':').map((x) => x.trim().toUpperCase())
    const known = securityProtocols.find((p) => p === protocol)
    if (!name || !known) {
      return `listener.security.protocol.map must be like CLIENTS:PLAINTEXT, not ${JSON.stringify(item)}.`
    }
    map.set(name, known)
  }
  return map
}

export interface BrokerListeners {
  /** To listen on. Those of controllers are left out: the controller is reached within the process. */
  readonly listeners: readonly ListenerAddress[]
  /** What clients are told, by the same names. A listener on every interface is advertised by the machine's name. */
  readonly advertised: readonly ListenerAddress[]
  /** Name of the one that brokers use among themselves. */
  readonly interBroker: string
}

/** What a broker's settings say about its listeners, or one sentence about what is wrong with them. */
export function brokerListeners(config: ListenerConfig, hostname: string): BrokerListeners | string {
  const protocols = config['listener.security.protocol.map'] ?? ''
  const isController = (l: ListenerAddress) =>
    config['controller.listener.names']?.some((n) => n.toUpperCase() === l.name)
  const all = parseListeners('listeners', config.listeners ?? [], withControllers(protocols, config))
  if (typeof all === 'string') return all
  const listeners = all.filter((l) => !isController(l))
  if (listeners.length === 0) return 'listeners must name at least one listener that is not for controllers.'

  const told = parseListeners(
    'advertised.listeners',
    config['advertised.listeners'] ?? [],
    withControllers(protocols, config),
  )
  if (typeof told === 'string') return told
  const stranger = told.find((l) => !all.some((x) => x.name === l.name))
  if (stranger) return `advertised.listeners names the listener ${stranger.name}, which listeners lacks.`
  const nowhere = told.find((l) => l.host === '0.0.0.0' || l.host === '::')
  if (nowhere) return `advertised.listeners must name an address that clients can reach, not ${nowhere.host}.`
  const advertised = listeners.map(
    (l) => told.find((x) => x.name === l.name) ?? { ...l, host: reachable(l.host, hostname) },
  )

  const byName = config['inter.broker.listener.name']?.toUpperCase()
  const interBroker = listeners.find((l) =>
    byName === undefined ? l.securityProtocol === config['security.inter.broker.protocol'] : l.name === byName,
  )
  if (byName !== undefined && !interBroker) return `inter.broker.listener.name is ${byName}, which listeners lacks.`
  return { listeners, advertised, interBroker: (interBroker ?? listeners[0]!).name }
}

/** The part of a broker's settings that this is about. */
export interface ListenerConfig {
  readonly listeners: readonly string[] | null
  readonly 'advertised.listeners': readonly string[] | null
  readonly 'listener.security.protocol.map': string | null
  readonly 'controller.listener.names': readonly string[] | null
  readonly 'inter.broker.listener.name': string | null
  readonly 'security.inter.broker.protocol': string | null
}

/** Kafka takes PLAINTEXT for controllers' listeners that the map does not name. */
function withControllers(protocolMap: string, config: ListenerConfig): string {
  const mapped = new Set(protocolMap.split(',').map((x) => x.split(':')[0]!.trim().toUpperCase()))
  const missing = (config['controller.listener.names'] ?? []).filter((n) => !mapped.has(n.toUpperCase()))
  return [protocolMap, ...missing.map((n) => `${n}:PLAINTEXT`)].join(',')
}

const reachable = (host: string, hostname: string): string =>
  host === '' || host === '0.0.0.0' || host === '::' ? hostname : host
