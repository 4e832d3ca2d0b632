import { rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { hog, megabytes } from './hog.js'

hog(async () => {
  const path = `/dev/shm/gbtest-${process.env.GLOVEBOX_TEST_RUN}`
  const chunk = Buffer.alloc(10 << 20, 1)
  for (let taken = 0; taken < megabytes; taken += 10) writeFileSync(path, chunk, { flag: 'a' })
  await sleep(Number(process.env.HOLD ?? 0))
  rmSync(path)
})
