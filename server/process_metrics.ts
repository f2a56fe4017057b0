/**
 * What a process tells of itself, under the names that Prometheus clients use everywhere (`process_…`) and Node's does
 * (`nodejs_…`). Event-loop delay and garbage collections are watched from the first time that somebody asks.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { type IntervalHistogram, monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks'
import { expose, type FamilyPart, labels, type Metric, type Sample } from './lib/exposition.ts'
import { Histogram } from './lib/histogram.ts'

const LAG_RESOLUTION_MS = 20
/** Delays are those of the last so many ms at least, however many ask. */
const LAG_WINDOW_MS = 10_000
const GC_SECONDS = [0.001, 0.01, 0.1, 1, 2, 5]
/** V8's numbers of its kinds of collection. */
const GC_KINDS: Readonly<Record<number, string>> = { 1: 'minor', 4: 'major', 8: 'incremental', 16: 'weakcb' }

interface Lag {
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

interface Process {
  readonly cpu: NodeJS.CpuUsage
  readonly memory: NodeJS.MemoryUsage
  /** Seconds; undefined at the first time. */
  readonly lag: Lag | undefined
  readonly collections: ReadonlyMap<string, Histogram>
}

export class ProcessMetrics {
  private delays: IntervalHistogram | undefined
  private lag: Lag | undefined
  private lagSinceMs = 0
  private readonly collections = new Map(Object.values(GC_KINDS).map((kind) => [kind, new Histogram(GC_SECONDS)]))

  /** `own`: labels that tell this process from others. */
  constructor(private readonly own: string) {}

  *parts(): Generator<FamilyPart> {
    this.watch()
    const seen = {
      cpu: process.cpuUsage(),
      memory: process.memoryUsage(),
      lag: this.recentLag(),
      collections: this.collections,
    }
    yield* expose(table, seen, this.own)
  }

  private watch(): void {
    if (this.delays) return
    this.delays = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS })
    this.delays.enable()
    this.lagSinceMs = performance.now()
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { kind } = (entry as unknown as { detail: { kind: number } }).detail
        this.collections.get(GC_KINDS[kind] ?? '')?.observe(entry.duration / 1000)
      }
    }).observe({ entryTypes: ['gc'] })
  }

  private recentLag(): Lag | undefined {
    const delays = this.delays!
    const nowMs = performance.now()
    if (delays.count > 0 && (this.lag === undefined || nowMs - this.lagSinceMs >= LAG_WINDOW_MS)) {
      // What is measured is the time between two looks, which are that far apart anyway.
      const seconds = (ns: number) => Math.max(0, ns / 1e9 - LAG_RESOLUTION_MS / 1000)
      this.lag = {
        mean: seconds(delays.mean),
        p50: seconds(delays.percentile(50)),
        p90: seconds(delays.percentile(90)),
        p99: seconds(delays.percentile(99)),
        max: seconds(delays.max),
      }
      delays.reset()
      this.lagSinceMs = nowMs
    }
    return this.lag
  }
}

const table: readonly Metric<Process>[] = [
  {
    name: 'process_cpu_user_seconds_total',
    type: 'counter',
    help: 'Processor time of the program itself.',
    read: ({ cpu }) => cpu.user / 1e6,
  },
  {
    name: 'process_cpu_system_seconds_total',
    type: 'counter',
    help: 'Processor time of the system on its behalf.',
    read: ({ cpu }) => cpu.system / 1e6,
  },
  {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'Processor time, both together.',
    read: ({ cpu }) => (cpu.user + cpu.system) / 1e6,
  },
  {
    name: 'process_start_time_seconds',
    type: 'gauge',
    help: 'When the process was started, since the epoch.',
    read: () => performance.timeOrigin / 1000,
  },
  {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Memory that the system has given to the process.',
    read: ({ memory }) => memory.rss,
  },
  { name: 'process_open_fds', type: 'gauge', help: 'Open files and sockets.', read: openFiles },
  { name: 'process_max_fds', type: 'gauge', help: 'How many files and sockets may be open.', read: maxFiles },
  {
    name: 'nodejs_heap_size_total_bytes',
    type: 'gauge',
    help: "Size of V8's heap.",
    read: ({ memory }) => memory.heapTotal,
  },
  {
    name: 'nodejs_heap_size_used_bytes',
    type: 'gauge',
    help: "Of V8's heap, what is used.",
    read: ({ memory }) => memory.heapUsed,
  },
  {
    name: 'nodejs_external_memory_bytes',
    type: 'gauge',
    help: "Memory outside of V8's heap that objects in it hold: buffers for the most part.",
    read: ({ memory }) => memory.external,
  },
  lagGauge('mean', 'Mean'),
  lagGauge('p50', 'Median'),
  lagGauge('p90', '90th percentile'),
  lagGauge('p99', '99th percentile'),
  lagGauge('max', 'Largest'),
  {
    name: 'weir_event_loop_active_seconds_total',
    type: 'counter',
    help: 'Time in which the event loop was not idle: its rate is the share of one processor that it takes.',
    read: () => performance.eventLoopUtilization().active / 1000,
  },
  {
    name: 'nodejs_gc_duration_seconds',
    type: 'histogram',
    help: 'Garbage collections by kind, since metrics were first asked for.',
    read: ({ collections }) => [...collections].map(([kind, h]): Sample => [labels({ kind }), h]),
  },
  {
    name: 'nodejs_version_info',
    type: 'info',
    help: 'The version of Node.',
    read: () => [[labels({ version: process.version }), 1]],
  },
]

function lagGauge(name: keyof Lag, what: string): Metric<Process> {
  return {
    name: `nodejs_eventloop_lag_${name}_seconds`,
    type: 'gauge',
    help: `${what} of what the event loop was late by, over the last ten seconds or since it was last asked for.`,
    read: ({ lag }) => lag?.[name],
  }
}

/** Linux tells; elsewhere the metric is absent. */
function openFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return undefined
  }
}

function maxFiles(): number | undefined {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1]
    return limit === undefined ? undefined : Number(limit)
  } catch {
    return undefined
  }
}
