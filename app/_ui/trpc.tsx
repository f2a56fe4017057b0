'use client'
/** The console's data client: queries and changes in batches, live figures by server-sent events. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createTRPCClient, httpBatchStreamLink, httpSubscriptionLink, splitLink } from '@trpc/client'
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import { createTRPCContext } from '@trpc/tanstack-react-query'
import { type ReactNode, useState } from 'react'
import type { AppRouter } from '../../server/console/router.ts'
import { watchedFetch } from './connection-store.ts'

export type Inputs = inferRouterInputs<AppRouter>
export type Outputs = inferRouterOutputs<AppRouter>

const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>()

export { useTRPC, useTRPCClient }

const url = '/api/trpc'

/** Answers that another attempt cannot change: what the person or the page asked for was refused. */
const final = new Set([400, 401, 403, 404, 405, 409, 412, 413, 422])

function makeQueryClient() {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // What is on screen stays while it is asked again, also when that fails.
        retry: (failures, error) => failures < 2 && !final.has(statusOf(error) ?? 0),
        retryDelay: (attempt) => 400 * 2 ** attempt,
        refetchOnWindowFocus: true,
        // A machine without a network still reaches the console that runs on it.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  })
}

/** The HTTP status that a tRPC error carries. */
function statusOf(error: unknown): number | undefined {
  const data = (error as { data?: { httpStatus?: number } | null })?.data
  return data?.httpStatus
}

export function DataClient({ children }: { children: ReactNode }) {
  const [queries] = useState(makeQueryClient)
  const [client] = useState(() =>
    createTRPCClient<AppRouter>({
      links: [
        splitLink({
          condition: (operation) => operation.type === 'subscription',
          true: httpSubscriptionLink({ url }),
          // Answers come one by one: what a hung broker owes holds up nothing else on the page.
          false: httpBatchStreamLink({ url, fetch: watchedFetch, maxURLLength: 6_000 }),
        }),
      ],
    }),
  )
  return (
    <QueryClientProvider client={queries}>
      <TRPCProvider trpcClient={client} queryClient={queries}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  )
}
