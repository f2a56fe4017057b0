/**
 * What a broker of Kafka 4.3 serves and this one does not, by name and with the reason. Whoever asks for one of them anyway is told
 * it in the log when the connection is closed.
 */
export const leftOut: ReadonlyMap<number, { readonly name: string; readonly why: string }> = new Map(
  [
    { keys: [17, 36], names: ['SaslHandshake', 'SaslAuthenticate'], why: 'no listener of this release has SASL' },
    {
      keys: [24, 25, 26, 27, 28, 65, 66],
      names: [
        'AddPartitionsToTxn',
        'AddOffsetsToTxn',
        'EndTxn',
        'WriteTxnMarkers',
        'TxnOffsetCommit',
        'DescribeTransactions',
        'ListTransactions',
      ],
      why: 'this release has no transactions',
    },
    {
      keys: [29, 30, 31],
      names: ['DescribeAcls', 'CreateAcls', 'DeleteAcls'],
      why: 'this release has no authorizer that would read them',
    },
    {
      keys: [38, 39, 40, 41],
      names: ['CreateDelegationToken', 'RenewDelegationToken', 'ExpireDelegationToken', 'DescribeDelegationToken'],
      why: 'tokens are for SASL, which no listener of this release has',
    },
    {
      keys: [50, 51],
      names: ['DescribeUserScramCredentials', 'AlterUserScramCredentials'],
      why: 'credentials are for SASL, which no listener of this release has',
    },
    {
      keys: [76, 77, 78, 79, 83, 84, 85, 86, 87, 90, 91, 92],
      names: [
        'ShareGroupHeartbeat',
        'ShareGroupDescribe',
        'ShareFetch',
        'ShareAcknowledge',
        'InitializeShareGroupState',
        'ReadShareGroupState',
        'WriteShareGroupState',
        'DeleteShareGroupState',
        'ReadShareGroupStateSummary',
        'DescribeShareGroupOffsets',
        'AlterShareGroupOffsets',
        'DeleteShareGroupOffsets',
      ],
      why: 'this release has no share groups',
    },
    {
      keys: [88, 89],
      names: ['StreamsGroupHeartbeat', 'StreamsGroupDescribe'],
      why: 'this release has no streams groups; Kafka Streams works with classic ones',
    },
  ].flatMap(({ keys, names, why }) => keys.map((key, i) => [key, { name: names[i]!, why }] as const)),
)
