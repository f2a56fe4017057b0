/** Settings that cannot be together with a cluster of several brokers on this machine, each with what to do instead. */
import type { Settings } from './config/settings.ts'

/** Each says by itself what `BROKERS` says for all nodes. */
const DECIDED: Readonly<Record<string, string>> = {
  'node.id': 'the brokers are numbered from 1',
  'broker.id': 'the brokers are numbered from 1',
  'process.roles': 'the controller is a process of its own',
  'controller.quorum.voters': 'the controller is started with the brokers',
  'controller.quorum.bootstrap.servers': 'the controller is started with the brokers',
  'controller.listener.names': 'the controller listens where its brokers are told',
}

const JOINING = ['process.roles', 'controller.quorum.voters', 'controller.quorum.bootstrap.servers']

const LAST_PORT = 65_535

/** Kafka's `process.roles` as they were given; undefined: they follow from `BROKERS`. */
const rolesOf = ({ kafka }: Settings): string[] | undefined =>
  kafka
    .get('process.roles')
    ?.split(',')
    .map((role) => role.trim())

/** Is the broker to join controllers that are not started here? */
export const joinsOthers = (settings: Settings): boolean => rolesOf(settings)?.includes('controller') === false

/** One sentence, or undefined if all is well. */
export function impossible(settings: Settings): string | undefined {
  const { weir, kafka } = settings
  const { BROKERS: brokers, KAFKA_PORT: port } = weir
  const roles = rolesOf(settings)
  if (roles && !roles.includes('broker')) {
    return `process.roles is ${roles.join(',')}, but what is started here is a broker; set process.roles=broker,controller, or leave it out.`
  }
  if (brokers === 1) return undefined
  for (const [name, why] of Object.entries(DECIDED)) {
    if (!kafka.has(name)) continue
    const or = JOINING.includes(name) ? ', or join another cluster with BROKERS=1' : ''
    return `${name} is set, but with BROKERS=${brokers} ${why}; leave ${name} out${or}.`
  }
  if (port + brokers - 1 > LAST_PORT) {
    return `BROKERS=${brokers} take the ports from ${port} on, but the last one there is is ${LAST_PORT}; choose a smaller KAFKA_PORT.`
  }
  return undefined
}
