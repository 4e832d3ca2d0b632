/** The global set-up of a project, which is written for Vitest, by Jest. */
const { join } = require('node:path')

module.exports = async ({ rootDir }) => {
  const provided = {}
  const { default: setUp } = await import(join(rootDir, 'global-set-up.js'))
  await setUp({ provide: (key, value) => Object.assign(provided, { [key]: value }) })
  process.env.PROVIDED = JSON.stringify(provided)
}
