/** The value of a secret, or what is wrong with it. */
export type Secret =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly why: string }

/** Reads a secret from the bindings of the Worker by its name. */
export function readSecret(bindings: object, name: string): Secret {
  const value: unknown = Reflect.get(bindings, name)
  const text = typeof value === 'string' ? value.trim() : ''
  if (text !== '') return { ok: true, value: text }
  return {
    ok: false,
    why: `there is no secret "${name}": set it with "wrangler secret put ${name}"`,
  }
}
