'use client'
/** Lines and areas over one axis: the only place that knows Recharts. Loaded when a chart is first shown. */
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts'
import { formatDateTime, formatTimeOfDay } from '../_ui/format.ts'
import { type ChartRow, type ChartSeries, logTicks, timeTicks } from './series.ts'
import { colourOf, Swatch } from './swatch.tsx'

export interface LinesProps {
  rows: readonly ChartRow[]
  series: readonly ChartSeries[]
  /** With unit: on the axis and under the crosshair. */
  formatY(y: number): string
  formatX(x: number): string
  /** Time on the x axis, in this zone; undefined: numbers. */
  timeZone: string | undefined
  /** Ends of the x axis. */
  from: number
  to: number
  heightPx: number
  /** Charts of one page with the same name share their crosshair. */
  sync: string | undefined
  /** Upper end of the y axis, if it is fixed. */
  maxY?: number
  /** The base whose powers are written on a logarithmic x axis; left out: a linear one. */
  logX?: number
  /** Values of zero and below have no place on it. */
  logY?: boolean
  /** Where the present stands on an axis that is not time. */
  markX?: number
}

const axisText = { fontSize: 11, fill: 'var(--faint)', fontFamily: 'var(--font-geist-mono)' }
const yAxisPx = 72

export default function Lines(props: LinesProps) {
  const { rows, series, formatY, formatX, timeZone, from, to } = props
  return (
    <ResponsiveContainer width="100%" height={props.heightPx} initialDimension={{ width: 480, height: props.heightPx }}>
      <ComposedChart
        data={rows as ChartRow[]}
        syncId={props.sync}
        syncMethod="value"
        margin={{ top: 6, right: timeZone ? 8 : 22, bottom: 0, left: 0 }}
        accessibilityLayer={false}
      >
        <CartesianGrid stroke="var(--chart-grid)" vertical={false} />
        <XAxis
          dataKey="x"
          type="number"
          scale={props.logX ? 'log' : 'linear'}
          domain={[from, to]}
          allowDataOverflow
          ticks={
            timeZone
              ? timeTicks(from, to, zoneOffsetMs(to, timeZone), 7)
              : props.logX
                ? logTicks(from, to, props.logX, 7)
                : undefined
          }
          tickFormatter={timeZone ? (x: number) => timeLabel(x, to - from, timeZone) : formatX}
          tick={axisText}
          tickLine={false}
          axisLine={{ stroke: 'var(--line-strong)' }}
          minTickGap={28}
          height={22}
        />
        <YAxis
          tickFormatter={formatY}
          scale={props.logY ? 'log' : 'linear'}
          domain={[props.logY ? 'auto' : 0, props.maxY ?? 'auto']}
          tick={axisText}
          tickLine={false}
          axisLine={false}
          width={yAxisPx}
          tickCount={4}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: 'var(--control)', strokeWidth: 1 }}
          content={({ active, payload, label }) =>
            active && payload && payload.length > 0 ? (
              <div className="rounded-md border border-line-strong bg-raised px-2.5 py-1.5 shadow-float">
                <div className="num mb-0.5 text-muted">{formatX(Number(label))}</div>
                {series.map((one) => {
                  const y = (payload[0]?.payload as ChartRow | undefined)?.[one.id]
                  return (
                    <div key={one.id} className="flex items-center gap-2">
                      <Swatch series={series} one={one} />
                      <span className="text-muted">{one.label}</span>
                      <span className="num ml-auto pl-3">{y === null || y === undefined ? '–' : formatY(y)}</span>
                    </div>
                  )
                })}
              </div>
            ) : null
          }
        />
        {props.markX !== undefined && <ReferenceLine x={props.markX} stroke="var(--control)" strokeDasharray="2 3" />}
        {series.map((one) =>
          one.area ? (
            <Area
              key={one.id}
              dataKey={one.id}
              name={one.label}
              type="linear"
              stroke={colourOf(series, one)}
              fill={colourOf(series, one)}
              fillOpacity={0.12}
              strokeWidth={1.5}
              isAnimationActive={false}
              dot={false}
              activeDot={{ r: 3, strokeWidth: 0 }}
              connectNulls={false}
            />
          ) : (
            <Line
              key={one.id}
              dataKey={one.id}
              name={one.label}
              type="linear"
              stroke={colourOf(series, one)}
              strokeWidth={1.5}
              strokeDasharray={one.dashed ? '5 4' : undefined}
              isAnimationActive={false}
              dot={one.points.length === 1 ? { r: 4.5, strokeWidth: 0, fill: colourOf(series, one) } : false}
              activeDot={{ r: 3, strokeWidth: 0 }}
              connectNulls={false}
            />
          ),
        )}
      </ComposedChart>
    </ResponsiveContainer>
  )
}

function timeLabel(ms: number, spanMs: number, timeZone: string): string {
  if (spanMs > 2 * 86_400_000) return formatDateTime(ms, timeZone).slice(5, 10)
  return formatTimeOfDay(ms, timeZone, spanMs < 10 * 60_000)
}

function zoneOffsetMs(ms: number, timeZone: string): number {
  const wall = Date.parse(`${formatDateTime(ms, timeZone).replace(' ', 'T')}Z`)
  return wall - Math.floor(ms / 1000) * 1000
}
