import plain from './jest.plain.config.js'

// The same as jest.plain.config.js, plus the preset.
export default { ...plain, preset: '@glovebox/jest-env' }
