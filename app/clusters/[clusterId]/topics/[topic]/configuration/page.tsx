import { Configuration } from './configuration.tsx'

export default function Page() {
  return <Configuration />
}
