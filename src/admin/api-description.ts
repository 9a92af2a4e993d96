import * as z from 'zod'
import { toOpenApi } from './openapi.ts'
import { type Operation, operation } from './operation.ts'

const PATH = '/openapi.json'

const OpenApi = z.looseObject({
  openapi: z.string(),
  info: z.looseObject({}),
  paths: z.looseObject({}),
})

/**
 * `/openapi.json`: what this API is, made from the schemas when it is first asked for. The schemas and zod's way
 * to show them are in the Worker anyway; a second copy as text would be half as large as all the rest.
 */
export function createApiDescription(operations: () => readonly Operation[]): Operation {
  let known: { readonly prefix: string; readonly text: string } | undefined
  return operation({
    id: 'getApiDescription',
    method: 'GET',
    path: PATH,
    scope: 'open',
    summary: 'Describes this API as OpenAPI 3.1',
    answers: { 200: { description: 'The description.', schema: OpenApi } },
    handle({ request }) {
      const prefix = new URL(request.url).pathname.slice(0, -PATH.length)
      if (known?.prefix !== prefix) {
        known = { prefix, text: JSON.stringify(toOpenApi(operations(), prefix)) }
      }
      return new Response(known.text, { headers: { 'content-type': 'application/json' } })
    },
  })
}
