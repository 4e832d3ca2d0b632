const { accessSync, constants, readdirSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')

const list = (directory) => {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

const isWritable = (path) => {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Directories of a supervisor that this process could write to. */
exports.runDirectories = () =>
  [...new Set([tmpdir(), '/tmp', '/var/tmp'])]
    .flatMap((directory) => list(directory).map((name) => join(directory, name)))
    .filter((path) => /\/glovebox-[^/]+$/.test(path) && isWritable(path))
