import type * as z from 'zod'
import { type Books, HEADERS, describeOperation, describeRefusals } from './openapi-operation.ts'
import { openSchemaBook } from './openapi-schemas.ts'
import type { AnswerFacts, BodyFacts, Operation } from './operation.ts'
import { ProblemDetails } from './problem-details.ts'
import { SENT_SCHEMAS, TOLD_SCHEMAS } from './named-schemas.ts'

const INFO = {
  title: 'The admin API of Portolan',
  summary: 'Configuration, traffic, health and who may touch them',
  description: 'Generated from the schemas that the router itself checks with: see docs/api.md.',
  version: '1',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
} as const

const TOKEN = {
  type: 'http',
  scheme: 'bearer',
  description:
    'The secret PORTOLAN_ADMIN_TOKEN, which may do everything, or a token of /v1/tokens. What an operation needs ' +
    'stands at its `security`: read, operate, configure or admin, which includes all others.',
} as const

/** The description of the API as OpenAPI 3.1, as it stands under a prefix. */
export function toOpenApi(operations: readonly Operation[], prefix: string): unknown {
  const sent = openSchemaBook({
    io: 'input',
    named: SENT_SCHEMAS,
    single: operations.flatMap((operation) => [
      ...named(`${operation.id}Body`, bodyOf(operation.body)),
      ...answersOf(operation, 'input'),
    ]),
    members: operations.flatMap(({ id, params, query }) => [
      [`${id}Params`, params] as const,
      [`${id}Query`, query] as const,
    ]),
  })
  const told = openSchemaBook({
    io: 'output',
    named: TOLD_SCHEMAS,
    single: operations.flatMap((operation) => answersOf(operation, 'output')),
    members: [],
  })
  return {
    openapi: '3.1.1',
    info: INFO,
    servers: [{ url: prefix }],
    paths: toPaths(operations, { sent, told }),
    components: {
      schemas: { ...sent.components, ...told.components },
      parameters: HEADERS,
      responses: describeRefusals(operations, told.refer(ProblemDetails)),
      securitySchemes: { token: TOKEN },
    },
  }
}

/** The schema of a body as it is shown. */
export function bodyOf(body: BodyFacts | undefined): z.ZodType | undefined {
  return body?.shown ?? body?.schema
}

function answersOf({ id, answers }: Operation, io: 'input' | 'output') {
  return Object.values<AnswerFacts>(answers).flatMap((answer) =>
    (answer.io ?? 'output') === io ? named(`${id}Answer`, answer.schema) : [],
  )
}

function named(name: string, schema: z.ZodType | undefined): (readonly [string, z.ZodType])[] {
  return schema ? [[name.replace(/^./, (letter) => letter.toUpperCase()), schema]] : []
}

function toPaths(operations: readonly Operation[], books: Books): Record<string, object> {
  const paths: Record<string, object> = {}
  for (const operation of operations) {
    const described = { [operation.method.toLowerCase()]: describeOperation(operation, books) }
    paths[operation.path] = { ...paths[operation.path], ...described }
  }
  return paths
}
