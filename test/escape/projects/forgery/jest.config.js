const { withGlovebox } = require('@glovebox/jest-env')

const config = {
  maxWorkers: 2,
  reporters: ['default', './jest-reporter.cjs'],
}
module.exports = process.env.PLAIN ? config : withGlovebox(config)
