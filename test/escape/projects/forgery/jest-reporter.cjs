/** In Jest's main process, while a session is open: the control of what the tests look for. */
const { runDirectories } = require('./run-directory.cjs')

module.exports = class {
  onTestFileResult() {
    console.log(`CONTROL run directories: ${runDirectories().length}`)
  }
}
