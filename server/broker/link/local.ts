/** The link to a controller in the same process (`process.roles=broker,controller`): its log is in this broker's folder. */
import { openQuorum } from '../../controller/local_quorum.ts'
import { type LinkOptions, LocalLink } from '../controller_link.ts'

export async function openLocalLink({ env, nodeId, configs, log, openLogs }: LinkOptions): Promise<LocalLink> {
  const quorum = await openQuorum({
    env,
    nodeId,
    configs,
    logs: openLogs(),
    onDown: (error) =>
      log.error(
        `the metadata log failed, so nothing about topics can be changed until the next start: ${error.message}`,
      ),
    onSnapshotFailed: (error) => log.warn(`a snapshot of the metadata could not be kept: ${error.message}`),
  })
  return new LocalLink(quorum.controller, () => quorum.close())
}
