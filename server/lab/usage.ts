/** Memory and processor time of another process: from /proc, elsewhere from `ps`; unknown where there is neither. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'

export interface Usage {
  /** Resident. */
  readonly memoryBytes: number
  /** Since it began, ms. */
  readonly cpuMs: number
}

/** Ticks of /proc a second: fixed in Linux's interface, whatever its clock. */
const TICKS_PER_SECOND = 100

export async function usageOf(pid: number): Promise<Usage | undefined> {
  try {
    return process.platform === 'linux' ? await fromProc(pid) : await fromPs(pid)
  } catch {
    return undefined
  }
}

async function fromProc(pid: number): Promise<Usage> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
  ])
  // The name of the program stands in brackets and may hold anything; user and system time are the 14th and 15th field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]
  return {
    memoryBytes: Number(kib ?? 0) * 1024,
    cpuMs: ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND,
  }
}

function fromPs(pid: number): Promise<Usage> {
  return new Promise((resolve, reject) => {
    execFile('ps', ['-o', 'rss=,time=', '-p', String(pid)], (error, output) => {
      const m = /^\s*(\d+)\s+(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)/.exec(output)
      if (error || !m) return reject(error ?? new Error('ps says nothing'))
      const [days, hours, minutes, seconds] = m.slice(2).map((n) => Number(n ?? 0)) as [number, number, number, number]
      resolve({
        memoryBytes: Number(m[1]) * 1024,
        cpuMs: (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000,
      })
    })
  })
}
