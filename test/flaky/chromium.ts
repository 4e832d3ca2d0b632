/** A headless Chromium of its own profile, spoken to by its DevTools protocol over a pipe; ended, with all it wrote, when it is disposed of. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

export interface Page extends AsyncDisposable {
  /** Opens an address and waits until it is loaded and what was asked for is drawn. */
  open(url: string): Promise<void>
  /** The value of an expression in the page. */
  evaluate<T>(expression: string): Promise<T>
  show(look: { width: number; height?: number; theme?: 'light' | 'dark' }): Promise<void>
  /** A PNG of the whole page. */
  screenshot(): Promise<Buffer>
  /** Addresses that the page asked for, its own first. */
  requests: string[]
  /** Exceptions, messages on the console and violations of its policy. */
  complaints: string[]
}

interface Message {
  id?: number
  method?: string
  params?: Record<string, never>
  result?: Record<string, never>
  error?: { message: string }
}

export async function openChromium(): Promise<Page> {
  const profile = mkdtempSync(join(tmpdir(), 'gbtest-chromium-'))
  const child = spawn(
    'chromium-headless-shell',
    [
      '--no-sandbox', // root may not use it, and the page is our own
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--no-first-run',
      `--user-data-dir=${profile}`,
      '--remote-debugging-pipe',
    ],
    {
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, HOME: profile },
    },
  )
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const wire = connect(child.stdio[3] as Writable, child.stdio[4] as Readable, gone)
  const requests: string[] = []
  const complaints: string[] = []
  const { targetId } = await wire.send('Target.createTarget', { url: 'about:blank' })
  const { sessionId } = await wire.send('Target.attachToTarget', { targetId, flatten: true })
  const send = (method: string, params: object = {}) => wire.send(method, params, sessionId)
  wire.on(({ method, params }) => {
    const text = JSON.stringify(params)
    if (method === 'Network.requestWillBeSent')
      requests.push((params as { request: { url: string } } | undefined)?.request.url ?? '')
    if (/^(Runtime\.(exceptionThrown|consoleAPICalled)|Log\.entryAdded)$/.test(method ?? ''))
      complaints.push(text)
  })
  for (const domain of ['Page', 'Network', 'Runtime', 'Log']) await send(`${domain}.enable`)

  const evaluate = async <T>(expression: string): Promise<T> => {
    const reply = (await send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })) as unknown as { result: { value: T }; exceptionDetails?: object }
    if (reply.exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(reply.exceptionDetails)}`)
    return reply.result.value
  }
  return {
    requests,
    complaints,
    evaluate,
    open: async (url) => {
      const loaded = wire.once('Page.loadEventFired')
      await send('Page.navigate', { url })
      await loaded
    },
    show: async ({ width, height = 900, theme = 'light' }) => {
      await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false })
      const features = [{ name: 'prefers-color-scheme', value: theme }]
      await send('Emulation.setEmulatedMedia', { features })
      await evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
    },
    screenshot: async () => {
      const reply = await send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true })
      return Buffer.from((reply as unknown as { data: string }).data, 'base64')
    },
    [Symbol.asyncDispose]: async () => {
      // With its helpers, which are in its group.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      await gone
      for (const pipe of child.stdio) pipe?.destroy()
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

interface Wire {
  send(method: string, params: object, sessionId?: string): Promise<Record<string, never>>
  on(listener: (message: Message) => void): void
  once(method: string): Promise<void>
}

/** Messages are JSON, each ended by NUL. */
function connect(input: Writable, output: Readable, gone: Promise<void>): Wire {
  const waiting = new Map<
    number,
    { resolve(value: Record<string, never>): void; reject(error: Error): void }
  >()
  const listeners: ((message: Message) => void)[] = []
  let rest = ''
  let last = 0
  input.on('error', () => {})
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = `${rest}${chunk}`.split('\0')
    rest = parts.pop() ?? ''
    for (const part of parts) receive(JSON.parse(part) as Message)
  })
  function receive(message: Message): void {
    const call = waiting.get(message.id ?? 0)
    if (call === undefined) for (const listener of listeners) listener(message)
    else if (message.error) call.reject(new Error(message.error.message))
    else call.resolve(message.result ?? {})
    waiting.delete(message.id ?? 0)
  }
  void gone.then(() => {
    for (const { reject } of waiting.values()) reject(new Error('Chromium ended'))
  })
  return {
    send: (method, params, sessionId) =>
      new Promise((resolve, reject) => {
        const id = ++last
        waiting.set(id, { resolve, reject })
        input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
      }),
    on: (listener) => void listeners.push(listener),
    once: (method) =>
      new Promise((resolve) => {
        listeners.push((message) => {
          if (message.method === method) resolve()
        })
      }),
  }
}
