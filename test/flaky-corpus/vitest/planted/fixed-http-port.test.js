import http from 'node:http'
import { expect, test } from 'vitest'

test('answers', async () => {
  const server = http.createServer((_, response) => response.end('hello'))
  await new Promise((resolve, reject) => server.once('error', reject).listen(39017, '127.0.0.1', resolve))
  const answer = await fetch('http://127.0.0.1:39017/')
  expect(await answer.text()).toBe('hello')
  await new Promise((resolve) => server.close(resolve))
})
