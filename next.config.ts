import type { NextConfig } from 'next'

/**
 * How the console is built and served. `server/main.ts` starts it programmatically, so the output stays the default one.
 * Types and lint are checked by `npm test`: whoever starts Weir for the first time need not wait for that.
 */
const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  devIndicators: false,
  agentRules: false,
  // The console is reached over loopback or a proxy that compresses; compressing here would hold back server-sent events.
  compress: false,
  typescript: { ignoreBuildErrors: true },
  transpilePackages: ['geist'],
  experimental: { optimizePackageImports: ['radix-ui', 'recharts'] },
}

export default config
