/** The address without a page leads to the first one: the overview of the default cluster. */
import { redirect } from 'next/navigation'
import { paths } from './_ui/paths.ts'

export default function Home() {
  redirect(paths.overview('default'))
}
