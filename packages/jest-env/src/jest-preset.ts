/** `preset: '@glovebox/jest-env'`. Absolute, since Jest resolves what a preset names from the user's root. */
import { join } from 'node:path'

interface Preset {
  runner: string
  testEnvironment: string
}

const preset: Preset = {
  runner: join(__dirname, 'runner.js'),
  testEnvironment: join(__dirname, 'environment.js'),
}

export default preset
