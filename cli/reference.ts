import type { JsonSchema } from './config-schema.ts'
import {
  describeLimits,
  describeMeaning,
  describeType,
  isInline,
  optionsOf,
} from './reference-type.ts'

interface Row {
  readonly path: string
  readonly schema: JsonSchema
  readonly isRequired: boolean
  /** The choices for which the setting exists: `policy "geo"`. Empty: always. */
  readonly only: readonly string[]
}

/** The reference of the configuration: a table of every setting, with type, default, limits and meaning. */
export function toReference(schema: JsonSchema): string {
  const sections = Object.entries(schema.properties ?? {}).filter(([name]) => name !== '$schema')
  const head = [
    '# Configuration reference',
    '',
    'Generated from the schema by `npm run schema`; editors read the same from `config.schema.json` beside it.',
    '`<id>` stands for a name that you give, `[]` for each entry of a list. A setting without a default may be left',
    'out, unless it is marked as required. A duration is a whole number and a unit: `250ms`, `30s`, `5m`, `2h`, `1d`.',
  ]
  return `${[...head, ...sections.flatMap(toSection)].join('\n')}\n`
}

function toSection([name, schema]: readonly [string, JsonSchema]): string[] {
  const rows = rowsOf({ path: name, schema, isRequired: false, only: [] })
  return [
    '',
    `## ${name}`,
    '',
    '| Setting | Type | Default | Limits | Meaning |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map(toLine),
  ]
}

function toLine({ path, schema, isRequired, only }: Row): string {
  const { default: preset } = schema
  const standard = preset === undefined ? '' : `\`${JSON.stringify(preset)}\``
  const restriction = only.length === 0 ? '' : `Only with ${only.join(', ')}.`
  const cells = [
    `\`${path}\``,
    describeType(schema),
    isRequired ? 'required' : standard,
    describeLimits(schema),
    [describeMeaning(schema), restriction].filter(Boolean).join(' '),
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
}

function rowsOf(row: Row): Row[] {
  const { path, schema } = row
  if (isInline(schema)) return [row]
  if (schema.properties) return [row, ...propertiesOf(path, schema)]
  if (schema.additionalProperties) {
    return [row, ...below(`${path}.<id>`, schema.additionalProperties)]
  }
  if (schema.items) return [row, ...below(`${path}[]`, schema.items)]
  return [row, ...choicesOf(path, optionsOf(schema) ?? [])]
}

function propertiesOf(path: string, { properties, required }: JsonSchema): Row[] {
  return Object.entries(properties ?? {}).flatMap(([name, schema]) => {
    const isRequired = required?.includes(name) ?? false
    return rowsOf({ path: `${path}.${name}`, schema, isRequired, only: [] })
  })
}

/** What stands below, where the row above has told of the thing itself. */
function below(path: string, schema: JsonSchema): Row[] {
  return rowsOf({ path, schema, isRequired: false, only: [] }).filter(
    (row) => row.path !== path || row.schema.description !== undefined,
  )
}

/** The settings of several choices: what tells them apart, then the others, those that are the same told once. */
function choicesOf(path: string, options: readonly JsonSchema[]): Row[] {
  const objects = options.filter(({ properties }) => properties)
  const rows = new Map<string, Row>()
  for (const option of objects) {
    const choice = choiceOf(option)
    for (const row of propertiesOf(path, option)) {
      if (row.path === `${path}.${choice?.name}`) continue
      const key = JSON.stringify([row.path, row.schema, row.isRequired])
      const only = [...(rows.get(key)?.only ?? []), ...(choice ? [`\`"${choice.value}"\``] : [])]
      rows.set(key, { ...row, only })
    }
  }
  const settings = [...rows.values()].map((row) =>
    row.only.length === objects.length ? { ...row, only: [] } : row,
  )
  const name = objects.map((option) => choiceOf(option)?.name).find((known) => known !== undefined)
  if (name === undefined) return settings
  const values = objects.map((option) => choiceOf(option)?.value)
  return [
    { path: `${path}.${name}`, schema: { enum: values }, isRequired: true, only: [] },
    ...settings,
  ]
}

interface Choice {
  readonly name: string
  readonly value: string
}

function choiceOf({ properties }: JsonSchema): Choice | undefined {
  const found = Object.entries(properties ?? {}).find(([, schema]) => 'const' in schema)
  return found && { name: found[0], value: String(found[1].const) }
}
