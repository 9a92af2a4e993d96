import * as z from 'zod'

/**
 * How a call to a Durable Object travels: `POST https://object/call/<method>`, the input as a JSON body,
 * and a `Reply` as the answer. Only JSON: no Map, Date, bytes or `undefined` in a list.
 */
export const CALL_URL = 'https://object/call/'

/** Why a call has no result. */
export const CallError = z.object({
  kind: z.enum([
    'refused', // The object knows no such method, or takes no such input.
    'failed', // The method threw.
    'unavailable', // The object could not be reached, or went away during the call.
    'overloaded', // The platform sheds load: trying again makes it worse.
    'timeout',
  ]),
  message: z.string(),
})
export type CallError = z.output<typeof CallError>

/** What the object answers. */
export const Reply = z.union([
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: CallError }),
])
export type Reply = z.output<typeof Reply>

/** The methods of an object: one input and one result each, both JSON. */
export type MethodsOf<Methods> = { readonly [Name in keyof Methods]: (input: never) => unknown }

/** The input of a method. */
export type InputOf<Call> = Call extends (input: infer Input) => unknown ? Input : never

/** The result of a method, once it has come. */
export type ResultOf<Call> = Call extends (input: never) => infer Result ? Awaited<Result> : never

/** The input of a method that takes nothing. */
export const Nothing = z.object({})
