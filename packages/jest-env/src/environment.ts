/** Jest's own environment for Node.js, that of the Jest that is running, with the global `glovebox`. */

import { requireFromJest } from './running-jest.js'
import type { EnvironmentClass } from './with-environment.js'
import { withGloveboxEnvironment } from './with-environment.js'

const { TestEnvironment: NodeEnvironment } = requireFromJest()('jest-environment-node') as {
  TestEnvironment: EnvironmentClass
}

const GloveboxEnvironment: EnvironmentClass = withGloveboxEnvironment(NodeEnvironment)

export { GloveboxEnvironment as TestEnvironment }
export default GloveboxEnvironment
