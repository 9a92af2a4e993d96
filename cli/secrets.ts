import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { SecretName } from '../src/schema/secret.ts'
import { toUser } from './user-path.ts'

/** The secrets for the Worker by the name of their binding, or what is wrong with the file, a line each. */
export type ReadSecrets =
  | { readonly ok: true; readonly secrets: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly errors: readonly string[] }

/**
 * Reads `NAME=value` lines, as wrangler reads `.dev.vars`. A file that is not there holds no secrets. Values are
 * never part of an error.
 */
export function readSecrets(path: string): ReadSecrets {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (isAbsent(error)) return { ok: true, secrets: {} }
    const message = error instanceof Error ? error.message : String(error)
    return { ok: false, errors: [`${toUser(path)} cannot be read: ${message}`] }
  }
  const secrets: Record<string, string> = {}
  const errors: string[] = []
  for (const [name, value] of Object.entries(parseEnv(text))) {
    const parsed = SecretName.safeParse(name)
    if (parsed.success) secrets[name] = value ?? ''
    else errors.push(`${toUser(path)}: ${JSON.stringify(name)}: ${parsed.error.issues[0]?.message}`)
  }
  return errors.length === 0 ? { ok: true, secrets } : { ok: false, errors }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
