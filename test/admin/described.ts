import * as z from 'zod'
import { ask } from './ask.ts'

/** An operation as `openapi.json` describes it. */
export interface Described {
  readonly id: string
  readonly method: string
  readonly path: string
  /** What a token has to have; undefined where none is asked for. */
  readonly scope: string | undefined
  readonly takesBody: boolean
  readonly responses: Readonly<Record<string, ResponseObject>>
}

interface ResponseObject {
  readonly $ref?: string
  readonly content?: Readonly<Record<string, { readonly schema: object }>>
}

interface OperationObject {
  readonly operationId: string
  readonly security: readonly { readonly token: readonly string[] }[]
  readonly requestBody?: object
  readonly responses: Readonly<Record<string, ResponseObject>>
}

/** A description as far as the tests read it. */
export interface Description {
  readonly operations: readonly Described[]
  /** What is wrong with an answer, by the description; nothing when it is as described. */
  faults(operation: Described, answer: Answer): readonly string[]
}

/** An answer, taken apart. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: unknown
}

/** Reads the description as a client would: over the API, and knowing nothing else. */
export async function readDescription(): Promise<Description> {
  const { json } = await ask('/openapi.json', { headers: { authorization: '' } })
  const paths = Object.entries<Record<string, OperationObject>>(json.paths)
  const { responses, schemas } = json.components
  const $defs: unknown = JSON.parse(
    JSON.stringify(schemas).replaceAll('#/components/schemas/', '#/$defs/'),
  )
  const known = new Map<string, z.ZodType>()
  const toSchema = (schema: object): z.ZodType => {
    const text = JSON.stringify(schema).replaceAll('#/components/schemas/', '#/$defs/')
    const found = known.get(text) ?? z.fromJSONSchema({ ...JSON.parse(text), $defs })
    known.set(text, found)
    return found
  }
  return {
    operations: paths.flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({
        id: operation.operationId,
        method: method.toUpperCase(),
        path,
        scope: operation.security[0]?.token[0],
        takesBody: operation.requestBody !== undefined,
        responses: operation.responses,
      })),
    ),
    faults({ responses: told }, { status, headers, text, json: body }) {
      const described = told[status]
      if (described === undefined) return [`status ${status} is not described: ${text}`]
      const response: ResponseObject = described.$ref
        ? responses[described.$ref.replace('#/components/responses/', '')]
        : described
      const type = headers.get('content-type') ?? ''
      if (response.content === undefined) return text === '' ? [] : ['there is a body']
      const schema = response.content[type]?.schema
      if (schema === undefined) return [`content type "${type}" is not described`]
      const parsed = toSchema(schema).safeParse(body)
      return parsed.success ? [] : [z.prettifyError(parsed.error), text]
    },
  }
}
