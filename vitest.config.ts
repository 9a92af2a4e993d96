import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/longest-first.ts'
import { summaryReporter } from './test/support/summary-reporter.ts'

// Nothing leaves the machine and nothing is printed that no test asked for. Set here, before the runtime starts, and
// inherited by every process that a test starts.
Object.assign(process.env, {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false', // Otherwise the runtime asks workers.cloudflare.com for a sample `cf`.
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true', // And with it the look-up of a newer version.
  X_LOCAL_EXPLORER: 'false',
  no_proxy: '127.0.0.1,localhost', // For curl, where this machine has a proxy.
  X_LOCAL_OBSERVABILITY: 'false', // Local tracing makes calls between Workers four to eight times slower.
  // Every process that a test starts loads the runtime's library: compiled once, that takes half the time.
  NODE_COMPILE_CACHE: fileURLToPath(new URL('./node_modules/.cache/compiled', import.meta.url)),
})

// Certificates that this machine trusts besides those of Node: each runtime would be told of all of them as it starts,
// which takes a third of what Node does for it.
delete process.env['NODE_EXTRA_CA_CERTS']

// The router that somebody who follows the README has told this shell of: no test is to find it.
delete process.env['PORTOLAN_URL']
delete process.env['PORTOLAN_ADMIN_TOKEN']

// Where the kernel can see to it, a run that is killed leaves no runtime behind.
if (existsSync('/usr/bin/setpriv')) {
  const ofMiniflare = createRequire(import.meta.resolve('miniflare'))
  const workerd = ofMiniflare('workerd') as { readonly default: string }
  Object.assign(process.env, {
    MINIFLARE_WORKERD_PATH: fileURLToPath(new URL('./test/support/workerd.sh', import.meta.url)),
    PORTOLAN_WORKERD: workerd.default,
  })
}

/**
 * First what only counts, as many files at a time as there are cores: every further process compiles the same code
 * again, or starts another runtime.
 */
const counting = { maxWorkers: Math.max(2, availableParallelism()), sequence: { groupOrder: 0 } }

/** Then what mostly waits, more files at a time. */
const waiting = { maxWorkers: Math.max(6, availableParallelism()), sequence: { groupOrder: 1 } }

const inWorkerd = [
  'test/admin/**/*.test.ts',
  'test/cache/tiers/**/*.test.ts',
  'test/durable/**/*.test.ts',
  'test/edge/**/*.test.ts',
  'test/proxy/**/*.test.ts',
]

/**
 * Packages that reach the runtime in one piece: one by one, their two hundred modules take six seconds of CPU each time.
 * itty-durable would not load otherwise: it is published as ES modules that its package.json calls CommonJS.
 */
const bundledFirst = [
  '@noble/hashes/hmac.js',
  '@noble/hashes/sha2.js',
  '@noble/hashes/utils.js',
  'aws4fetch',
  'fast-check',
  'hono/tiny',
  'itty-durable',
  'jsonc-parser',
  'structured-headers',
  'zod',
]

const simulation = ['test/sim/simulation.test.ts']
const wholeSystem = ['test/system/**/*.test.ts', 'test/conformance/**/*.test.ts']
const withDnsServers = ['test/dns/servers/**/*.test.ts']

export default defineConfig({
  test: {
    reporters: ['default', summaryReporter()],
    passWithNoTests: true,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        // Everything pure, in Node. What no other project claims runs here, so that no test file is ever left out.
        test: {
          name: 'pure',
          setupFiles: ['test/support/property-seed.ts'],
          include: ['test/**/*.test.ts'],
          exclude: [...inWorkerd, ...simulation, ...wholeSystem, ...withDnsServers],
          environment: 'node',
          // The code as Node loads it: what vitest makes of a module to watch over it takes a tenth longer.
          experimental: { viteModuleRunner: false },
          // Nothing here keeps a state of its own: a worker for each file would cost half a second of CPU each.
          isolate: false,
          ...counting,
          // Some search thousands of cases, beside others that do so too.
          testTimeout: 60_000,
        },
      },
      {
        // The seeds of the whole, in Node, in threads of the lowest priority from the beginning of the run to its end.
        test: {
          name: 'sim',
          include: simulation,
          globalSetup: ['test/sim/seeds-setup.ts'],
          environment: 'node',
          isolate: false,
          // Its only test waits for them, and takes the place of no other.
          sequence: { groupOrder: 2 },
        },
      },
      {
        // Inside workerd, with the bindings of wrangler.toml.
        plugins: [
          cloudflareTest({
            main: './test/support/objects-worker.ts',
            wrangler: { configPath: './wrangler.toml' },
            // For vitest itself, which looks for it and otherwise complains in every file.
            miniflare: {
              compatibilityFlags: ['enable_nodejs_inspector_module'],
              // A secret of a DNS provider, since an object of another process gets its bindings from the runtime.
              bindings: { PDNS_KEY: 'secret' },
            },
          }),
        ],
        test: {
          name: 'worker',
          include: inWorkerd,
          setupFiles: ['test/support/reset-worker.ts'],
          // One runtime for many files: starting one and loading everything again takes five seconds of CPU each.
          isolate: false,
          ...counting,
          testTimeout: 60_000,
          deps: { optimizer: { ssr: { enabled: true, include: bundledFirst } } },
        },
      },
      {
        // The built Worker in the real runtime, in front of real origins on loopback.
        test: {
          name: 'system',
          include: wholeSystem,
          globalSetup: ['test/support/system-setup.ts', 'test/support/cache-servers/setup.ts'],
          environment: 'node',
          // Each test starts what it needs: a worker for each file would cost a second of CPU each.
          isolate: false,
          ...waiting,
          // Several waits of a test, each of which says at its own end what it waited for.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // DNS providers in the real runtime, in front of real DNS servers on loopback where this machine has them.
        test: {
          name: 'dns',
          include: withDnsServers,
          globalSetup: ['test/support/dns-servers-setup.ts', 'test/support/dns-worker-setup.ts'],
          environment: 'node',
          isolate: false,
          ...waiting,
          // Of the database of PowerDNS, by `node:sqlite`.
          execArgv: ['--disable-warning=ExperimentalWarning'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
