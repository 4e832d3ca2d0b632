/** Projects whose files run in sandboxes, with the same test files for either runner; `options` is Glovebox's, as source. */
import { createFixture, type Fixture, type FixtureOptions } from '../harness/fixture.js'

type Files = Record<string, string>

export function sandboxedVitest(
  fixture: Pick<FixtureOptions, 'vitest' | 'as'>,
  files: Files,
  options: string,
): Promise<Fixture> {
  return createFixture({
    ...fixture,
    files: {
      ...files,
      'vitest.config.js': `import { glovebox } from '@glovebox/vitest-plugin'
export default { plugins: [glovebox(${options})], test: { globals: true } }`,
    },
  })
}

export function sandboxedJest(
  fixture: Pick<FixtureOptions, 'jest' | 'as'>,
  files: Files,
  options: string,
): Promise<Fixture> {
  return createFixture({
    ...fixture,
    files: {
      ...files,
      'package.json': JSON.stringify({ name: 'fixture', private: true }),
      'jest.config.js': `const { withGlovebox } = require('@glovebox/jest-env')
module.exports = withGlovebox({}, ${options})`,
    },
  })
}
