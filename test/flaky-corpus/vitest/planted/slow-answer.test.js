import http from 'node:http'
import { expect, test } from 'vitest'

test('answers in good time', async () => {
  const server = http.createServer((_, response) => response.end('hello'))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${server.address().port}/`
  const answer = await fetch(url, { signal: AbortSignal.timeout(700) })
  expect(await answer.text()).toBe('hello')
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})
