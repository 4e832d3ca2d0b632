import http from 'node:http'
import { expect, test } from 'vitest'

test('answers on a free port', async () => {
  const server = http.createServer((_, response) => response.end('hello'))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const answer = await fetch(`http://127.0.0.1:${server.address().port}/`)
  expect(await answer.text()).toBe('hello')
  await new Promise((resolve) => server.close(resolve))
})
