/** A trend without axes, beside the number it belongs to. Says nothing that the number does not; hidden from screen readers. */

const heightPx = 24
const widthPx = 120

export function Sparkline({
  points,
  className,
}: {
  points: readonly (readonly [number, number | null])[]
  className?: string
}) {
  const known = points.filter((p): p is readonly [number, number] => p[1] !== null)
  const first = known[0]
  const last = known.at(-1)
  if (!first || !last || first === last)
    return <svg className={className} height={heightPx} width="100%" aria-hidden="true" />
  const top = Math.max(...known.map(([, y]) => y), 1e-9)
  const x = (t: number) => ((t - first[0]) / (last[0] - first[0])) * widthPx
  const y = (v: number) => heightPx - 2 - (v / top) * (heightPx - 4)
  const path = known.map(([t, v], i) => `${i === 0 ? 'M' : 'L'}${x(t).toFixed(1)} ${y(v).toFixed(1)}`).join('')
  return (
    <svg
      viewBox={`0 0 ${widthPx} ${heightPx}`}
      preserveAspectRatio="none"
      height={heightPx}
      width="100%"
      className={className}
      aria-hidden="true"
    >
      <path d={`${path}V${heightPx}H0Z`} fill="var(--chart-1)" opacity="0.1" />
      <path d={path} fill="none" stroke="var(--chart-1)" strokeWidth="1.25" vectorEffect="non-scaling-stroke" />
    </svg>
  )
}
