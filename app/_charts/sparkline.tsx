/** A trend without axes, beside the number it belongs to. Says nothing that the number does not; hidden from screen readers. */

const heightPx = 24
const widthPx = 120

/** A distance of more than so many steps is a gap and not a line. */
const gapSteps = 2.5

export function Sparkline({
  points,
  from,
  to,
  stepMs,
  className,
}: {
  points: readonly (readonly [number, number | null])[]
  /** Ends of the range; default: the first and the last point. */
  from?: number
  to?: number
  /** Distance of the points. Left out: no gaps. */
  stepMs?: number
  className?: string
}) {
  const known = points.filter((p): p is readonly [number, number] => p[1] !== null)
  const first = from ?? known[0]?.[0] ?? 0
  const last = to ?? known.at(-1)?.[0] ?? 0
  if (known.length < 2 || first >= last)
    return <svg className={className} height={heightPx} width="100%" aria-hidden="true" />
  const top = Math.max(...known.map(([, y]) => y), 1e-9)
  const x = (t: number) => (((t - first) / (last - first)) * widthPx).toFixed(1)
  const y = (v: number) => (heightPx - 2 - (v / top) * (heightPx - 4)).toFixed(1)
  const stretches = split(known, stepMs === undefined ? Number.POSITIVE_INFINITY : stepMs * gapSteps)
  const lines = stretches.map((s) => s.map(([t, v], i) => `${i === 0 ? 'M' : 'L'}${x(t)} ${y(v)}`).join(''))
  const areas = stretches.map((s, i) => `${lines[i]}V${heightPx}H${x(s[0]![0])}Z`)
  return (
    <svg
      viewBox={`0 0 ${widthPx} ${heightPx}`}
      preserveAspectRatio="none"
      height={heightPx}
      width="100%"
      className={className}
      aria-hidden="true"
    >
      <path d={areas.join('')} fill="var(--chart-1)" opacity="0.12" />
      <path
        d={lines.join('')}
        fill="none"
        stroke="var(--chart-1)"
        strokeWidth="1.25"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  )
}

function split(points: readonly (readonly [number, number])[], gap: number): (readonly [number, number])[][] {
  const stretches: (readonly [number, number])[][] = []
  let before: number | undefined
  for (const point of points) {
    if (before === undefined || point[0] - before > gap) stretches.push([])
    stretches.at(-1)!.push(point)
    before = point[0]
  }
  return stretches
}
