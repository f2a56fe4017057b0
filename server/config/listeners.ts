/** `listeners` and `advertised.listeners`: NAME://host:port, and which security protocol each name stands for. */

export interface ListenerAddress {
  readonly name: string
  /** Empty: every interface. IPv6 without brackets. */
  readonly host: string
  readonly port: number
  readonly securityProtocol: SecurityProtocol
}

const securityProtocols = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const
export type SecurityProtocol = (typeof securityProtocols)[number]

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
