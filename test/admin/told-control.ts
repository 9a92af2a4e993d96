import type { Called, Client } from '../../durable/client.ts'
import type { ControlMethods } from '../../durable/control-methods.ts'
import type { AdminDeps } from '../../src/admin/resource.ts'
import { depsOf } from './ask.ts'

/** A call that the control object got. */
export interface Heard {
  readonly name: string
  // oxlint-disable-next-line typescript/no-explicit-any -- Each test knows what it sent.
  readonly input: any
}

/** What the admin API stands on where the control object gives set answers, and what that one heard. */
export function depsThatHear(
  answers: { readonly [Name in keyof ControlMethods]?: ReturnType<ControlMethods[Name]> },
  deps: Partial<AdminDeps> = {},
): { readonly deps: AdminDeps; readonly heard: Heard[] } {
  const heard: Heard[] = []
  const call = async (name: keyof ControlMethods, input: unknown): Promise<Called<unknown>> => {
    heard.push({ name, input })
    if (name in answers) return { ok: true, value: answers[name] }
    return { ok: false, error: { kind: 'refused', message: `no method "${name}"` } }
  }
  // The answers are checked against the methods above; which one a call gets is not known before it comes.
  const control = { call } as Client<ControlMethods>
  return { deps: depsOf({ control, ...deps }), heard }
}
