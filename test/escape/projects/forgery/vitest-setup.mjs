/** In Vitest's main process, while a session is open: the control of what the tests look for. */
import { runDirectories } from './run-directory.cjs'

export default () => console.log(`CONTROL run directories: ${runDirectories().length}`)
