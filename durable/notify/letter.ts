import { NotificationUrl } from '../../src/schema/notification.ts'
import { type Secret, readSecret } from '../../src/outbound/secret.ts'

/** A message as it is sent to one kind of receiver. */
export interface Letter {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Values that no error may show. */
  readonly secrets: readonly string[]
  /** What a refusal says when not this message is wrong, but what we were configured with. */
  readonly misconfigured?: RegExp
}

/** A letter, or why there is none until somebody mends it. */
export type Prepared =
  | { readonly ok: true; readonly letter: Letter }
  | { readonly ok: false; readonly why: string }

/** As `readSecret`, for an address that is a secret itself. */
export function readSecretUrl(bindings: object, name: string): Secret {
  const secret = readSecret(bindings, name)
  if (!secret.ok || NotificationUrl.safeParse(secret.value).success) return secret
  return { ok: false, why: `the secret "${name}" is no https address` }
}
