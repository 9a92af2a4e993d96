import * as z from 'zod'
import type { Deed } from './account.ts'

const Strings = z.union([z.string().transform((one) => [one]), z.array(z.string())])

/** As much of an IAM policy as the documentation of this project uses. */
const Policy = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z.array(
    z.strictObject({
      Sid: z.string().regex(/^[A-Za-z0-9]+$/),
      Effect: z.literal('Allow'),
      Action: Strings,
      Resource: Strings,
      Condition: z
        .strictObject({
          'ForAllValues:StringEquals': z.strictObject({
            'route53:ChangeResourceRecordSetsNormalizedRecordNames': z.array(z.string()),
            'route53:ChangeResourceRecordSetsRecordTypes': z.array(z.string()),
            'route53:ChangeResourceRecordSetsActions': z.array(z.string()),
          }),
        })
        .optional(),
    }),
  ),
})

/**
 * Whether a policy allows something.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html
 */
export function toPermission(text: string): (deed: Deed) => boolean {
  const { Statement } = Policy.parse(JSON.parse(text))
  return ({ action, resource, names, types, actions }) =>
    Statement.some(({ Action, Resource, Condition }) => {
      const isMeant = Action.includes(action) && Resource.some((one) => isLike(resource, one))
      const condition = Condition?.['ForAllValues:StringEquals']
      if (!isMeant || condition === undefined) return isMeant
      return (
        areAllOf(names, condition['route53:ChangeResourceRecordSetsNormalizedRecordNames']) &&
        areAllOf(types, condition['route53:ChangeResourceRecordSetsRecordTypes']) &&
        areAllOf(actions, condition['route53:ChangeResourceRecordSetsActions'])
      )
    })
}

function isLike(text: string, pattern: string): boolean {
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern
}

function areAllOf(texts: readonly string[], allowed: readonly string[]): boolean {
  return texts.every((text) => allowed.includes(text))
}
