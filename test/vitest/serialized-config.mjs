// node serialized-config.mjs DIST_OF_VITEST: prints what Vitest tells its workers of its configuration, in an empty project, as `warm` wants it.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { serialize } from 'node:v8'

const [distPath] = process.argv.slice(2)
const { createVitest } = await import(pathToFileURL(join(distPath, 'node.js')).href)
const vitest = await createVitest('test', { watch: false, config: false, root: process.cwd() })
console.log(serialize(vitest.getRootProject().serializedConfig).toString('base64'))
await vitest.close()
