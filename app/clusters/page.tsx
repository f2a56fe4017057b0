/** The list of clusters is in the bar at the left; its address leads to the default one. */
import { redirect } from 'next/navigation'
import { paths } from '../_ui/paths.ts'

export default function Clusters() {
  redirect(paths.overview('default'))
}
