import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { fromUser } from './user-path.ts'

/** How `npm start` was asked to run. */
export interface StartOptions {
  /** The configuration of the user's own origins; absent for the demo. Absolute. */
  readonly config: string | undefined
  /** Whether demo origins stand in for those of the configuration. */
  readonly standIns: boolean
  /** 0 takes a free one. */
  readonly port: number
  /** Absolute. */
  readonly stateDir: string
  readonly token: string | undefined
  /** A file of `NAME=value` lines, which need not exist. Absolute. */
  readonly secretsFile: string
}

/** What the command line asks for. */
export type ParsedStart =
  | { readonly type: 'run'; readonly options: StartOptions }
  | { readonly type: 'help' }
  | { readonly type: 'wrong'; readonly message: string }

export const START_USAGE = `Runs Portolan on this machine, in the runtime that Cloudflare deploys.

Usage: npm start [-- options]

Without options: three demo origins in three regions, steered by examples/demo.jsonc.

  --config FILE   Your own origins: a configuration in JSON with comments. No demo then.
                  The file is watched, and applied again when it changes.
  --stand-ins     With --config: a demo origin on this machine in the place of each of its
                  origins, so that any configuration can be tried.
  --port N        Where the router listens on 127.0.0.1. Default 8787; 0 takes a free one.
  --state DIR     Where revisions, snapshots and the token are kept. Default .portolan
  --token T       Token of the admin API. Default: made once, and kept in the state directory.
  --secrets FILE  NAME=value lines: the secrets that the configuration names. Default .dev.vars
  --help          This text.
`

const DEFAULT_PORT = 8787

/** Reads the arguments after `npm start --`. Never throws for what they say. */
export function parseStart(args: readonly string[]): ParsedStart {
  let values
  try {
    values = parseArgs({
      args: [...args],
      options: {
        config: { type: 'string' },
        'stand-ins': { type: 'boolean' },
        port: { type: 'string' },
        state: { type: 'string' },
        token: { type: 'string' },
        secrets: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    // parseArgs throws for what a user types; its first sentence names it, the rest is advice to programmers.
    const message = error instanceof Error ? error.message : String(error)
    return { type: 'wrong', message: message.split(/\. |\n/)[0] ?? message }
  }
  if (values.help === true) return { type: 'help' }
  const standIns = values['stand-ins'] === true
  if (standIns && values.config === undefined) {
    return { type: 'wrong', message: '--stand-ins goes with --config FILE' }
  }
  const port = values.port === undefined ? DEFAULT_PORT : toPort(values.port)
  if (port === undefined) {
    return { type: 'wrong', message: `--port takes a number from 0 to 65535, not "${values.port}"` }
  }
  if (values.token !== undefined && !/^[\x21-\x7e]{1,256}$/.test(values.token)) {
    return { type: 'wrong', message: '--token takes 1 to 256 printable characters without spaces' }
  }
  return {
    type: 'run',
    options: {
      config: values.config === undefined ? undefined : fromUser(values.config),
      standIns,
      port,
      stateDir: values.state === undefined ? inProject('.portolan') : fromUser(values.state),
      token: values.token,
      secretsFile: values.secrets === undefined ? inProject('.dev.vars') : fromUser(values.secrets),
    },
  }
}

function inProject(name: string): string {
  return fileURLToPath(new URL(`../${name}`, import.meta.url))
}

function toPort(text: string): number | undefined {
  const port = Number(text)
  return /^\d{1,5}$/.test(text) && port <= 65_535 ? port : undefined
}
