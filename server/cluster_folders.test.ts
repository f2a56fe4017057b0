import { describe, expect, test } from 'vitest'
import { type Folders, growthEnded, look, noteGrowth, removeBrokers } from './cluster_folders.ts'
import { Simulation } from './env/sim.ts'

const folders: Folders = { dataDir: '/data', logDirs: ['/data', '/more'], metadataDir: undefined }

function machine() {
  const { disk } = new Simulation('folders').machine('m').boot()
  const put = (path: string, text = '') => {
    disk.mkdir(path.slice(0, path.lastIndexOf('/')))
    disk.replaceFile(path, Buffer.from(text))
  }
  const node = (dir: string, id: number) => put(`${dir}/meta.properties`, `version=1\ncluster.id=c\nnode.id=${id}\n`)
  return { disk, put, node }
}

describe('the folders of a cluster', () => {
  test('new ones hold nothing', () => {
    const { disk } = machine()
    expect(look(disk, folders)).toEqual({
      controller: false,
      firstNodeId: undefined,
      others: [],
      grownFrom: undefined,
    })
  })

  test('what a cluster of three has left is found, in whichever log dir', () => {
    const { disk, node, put } = machine()
    node('/data', 1)
    node('/data/controller', 3000)
    node('/more/brokers/3', 3)
    node('/data/brokers/2', 2)
    put('/data/brokers/4.kept/meta.properties')
    put('/data/brokers/5/half-0/00000000000000000000.log')
    expect(look(disk, folders)).toEqual({ controller: true, firstNodeId: 1, others: [2, 3], grownFrom: undefined })
  })

  test('a growth is remembered until it has come to its end', () => {
    const { disk } = machine()
    noteGrowth(disk, folders, 1)
    expect(look(disk, folders).grownFrom).toBe(1)
    growthEnded(disk, folders)
    expect(look(disk, folders).grownFrom).toBeUndefined()
  })

  test('of a broker that has left nothing stays, but what nobody has moved is kept under another name', () => {
    const { disk, node, put } = machine()
    node('/data/brokers/2', 2)
    put('/data/brokers/2/__cluster_metadata-0/00000000000000000000.log')
    put('/data/brokers/2/t-0.0123456789abcdef0123456789abcdef-delete/00000000000000000000.log')
    node('/more/brokers/2', 2)
    put('/more/brokers/2/t-0/00000000000000000000.log')
    expect(removeBrokers(disk, folders, [2])).toEqual(['/more/brokers/2.kept'])
    expect(disk.exists('/data/brokers')).toBe(false)
    expect(disk.exists('/more/brokers/2.kept/t-0/00000000000000000000.log')).toBe(true)
    expect(look(disk, folders).others).toEqual([])
  })
})
