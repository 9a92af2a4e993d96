import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { stop as stopBundler } from 'esbuild'
import { toConfigSchema } from './config-schema.ts'
import { toDefaults } from './defaults.ts'
import { readDeployment } from './deployment.ts'
import { toReference } from './reference.ts'
import { startRuntime } from './runtime.ts'

/** The generated files that the schema alone decides, by their paths in the project, each as it says it now. */
export function generate(): Readonly<Record<string, string>> {
  const schema = toConfigSchema()
  return {
    'docs/reference/config.schema.json': toText(schema),
    'docs/reference/config.md': toReference(schema),
    'src/schema/defaults.json': toText(toDefaults()),
  }
}

const root = fileURLToPath(new URL('..', import.meta.url))

/** The description of the admin API. It is the router that knows it, so the router is asked. */
async function readApiDescription(): Promise<string> {
  const deployment = readDeployment()
  const runtime = await startRuntime({ host: '127.0.0.1', port: 0, bindings: {}, deployment })
  try {
    const response = await fetch(new URL('/_portolan/openapi.json', runtime.url))
    if (!response.ok) throw new Error(`openapi.json: status ${response.status}`)
    return toText(await response.json())
  } finally {
    await runtime.dispose()
  }
}

function toText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

function write(name: string, text: string): void {
  writeFileSync(`${root}${name}`, text)
  process.stdout.write(`${name}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(`${root}docs/reference`, { recursive: true })
  for (const [name, text] of Object.entries(generate())) write(name, text)
  write('docs/reference/openapi.json', await readApiDescription())
  await stopBundler()
}
