// The worker of addons.test.ts: works with packages of native code, which are resolved from the directory in its argument.
import { createRequire } from 'node:module'
import { join } from 'node:path'

const addons = {
  /** libvips: threads of its own, and libuv's. */
  async sharp(sharp) {
    const pixels = Buffer.alloc(64 * 64 * 3, 200)
    const image = sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } })
    const pngs = await Promise.all([16, 32, 48].map((size) => image.clone().resize(size).png().toBuffer()))
    const sizes = await Promise.all(pngs.map((png) => sharp(png).metadata()))
    return sizes.map(({ format, width, height }) => [format, width, height])
  },
  /** Rust, with libuv's threads for what is asynchronous. */
  async '@swc/core'({ transform, transformSync }) {
    const code = 'const sum = (a: number, b: number): number => a + b; export default sum'
    const options = { jsc: { parser: { syntax: 'typescript' }, target: 'es2020' } }
    const results = await Promise.all([1, 2, 3, 4].map(() => transform(code, options)))
    return [...results, transformSync(code, options)].map((result) => result.code)
  },
  /** SQLite in Rust, with the interface of better-sqlite3. */
  libsql: sqlite,
  /** SQLite in C++, synchronous. */
  'better-sqlite3': sqlite,
  /** C++, working in libuv's threads. */
  async bcrypt({ hash, compare }) {
    const hashes = await Promise.all(['a', 'b', 'c'].map((word) => hash(word, 4)))
    return Promise.all(hashes.map((each, i) => compare('abc'[i], each)))
  },
}

async function sqlite(Database) {
  const database = new Database(':memory:')
  database.exec('CREATE TABLE numbers (n INTEGER, square INTEGER)')
  const insert = database.prepare('INSERT INTO numbers VALUES (?, ?)')
  database.transaction(() => {
    for (let n = 0; n < 100; n++) insert.run(n, n * n)
  })()
  const rows = database.prepare('SELECT sum(square) AS sum, count(*) AS count FROM numbers').all()
  database.close()
  return rows
}

export default function serve(channel) {
  channel.onMessage(async ({ probe: name, argument: from }) => {
    const require = createRequire(join(from, 'addons.js'))
    const loaded = Object.keys(require.cache).some((path) => path.includes(`/node_modules/${name}/`))
    channel.send({ loaded, value: await addons[name](require(name)) })
  })
}
