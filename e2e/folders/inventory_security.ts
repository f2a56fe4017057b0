/** Quotas, ACLs, users and tokens. */

import { errorCode as codes } from '../../server/protocol/errors.ts'
import { DescribeAcls } from '../../server/protocol/messages/29_describe_acls.ts'
import { DescribeDelegationToken } from '../../server/protocol/messages/41_describe_delegation_token.ts'
import { DescribeClientQuotas } from '../../server/protocol/messages/48_describe_client_quotas.ts'
import { DescribeUserScramCredentials } from '../../server/protocol/messages/50_describe_user_scram_credentials.ts'
import { check } from './broker.ts'
import type { Ask } from './inventory.ts'

const ANY = 1

export async function security(ask: Ask): Promise<void> {
  await quotas(ask)
  await acls(ask)
  await users(ask)
  await tokens(ask)
}

async function quotas({ broker, facts, silentOn }: Ask): Promise<void> {
  if (!broker.offers(DescribeClientQuotas)) return void silentOn.add('quota')
  const answer = await broker.ask(DescribeClientQuotas, 1, { components: [], strict: false })
  check(answer.errorCode, 'DescribeClientQuotas')
  for (const { entity, values } of answer.entries ?? []) {
    const who = entity.map((e) => `${e.entityType}=${e.entityName}`).sort()
    for (const { key, value } of values) facts.set(`quota ${who.join(',')} ${key}`, String(value))
  }
}

async function acls({ broker, facts, silentOn }: Ask): Promise<void> {
  if (!broker.offers(DescribeAcls)) return void silentOn.add('acl')
  const answer = await broker.ask(DescribeAcls, 3, {
    resourceTypeFilter: ANY,
    resourceNameFilter: null,
    patternTypeFilter: ANY,
    principalFilter: null,
    hostFilter: null,
    operation: ANY,
    permissionType: ANY,
  })
  if (answer.errorCode === codes.SECURITY_DISABLED) return void silentOn.add('acl')
  check(answer.errorCode, 'DescribeAcls')
  for (const { acls, ...resource } of answer.resources) {
    for (const acl of acls) facts.set(`acl ${JSON.stringify(resource)} ${JSON.stringify(acl)}`, 'there')
  }
}

async function users({ broker, facts, silentOn }: Ask): Promise<void> {
  if (!broker.offers(DescribeUserScramCredentials)) return void silentOn.add('user')
  const answer = await broker.ask(DescribeUserScramCredentials, 0, { users: null })
  check(answer.errorCode, 'DescribeUserScramCredentials')
  for (const { user, credentialInfos } of answer.results) facts.set(`user ${user}`, JSON.stringify(credentialInfos))
}

/** Apache Kafka shows them only to who has logged in. */
async function tokens({ broker, facts, silentOn }: Ask): Promise<void> {
  if (!broker.offers(DescribeDelegationToken)) return void silentOn.add('token')
  const answer = await broker.ask(DescribeDelegationToken, 3, { owners: null })
  const refused: number[] = [codes.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, codes.DELEGATION_TOKEN_AUTH_DISABLED]
  if (refused.includes(answer.errorCode)) return void silentOn.add('token')
  check(answer.errorCode, 'DescribeDelegationToken')
  for (const { tokenId, ...token } of answer.tokens) facts.set(`token ${tokenId}`, JSON.stringify(token))
}
