import { once } from 'node:events'
import { StringDecoder } from 'node:string_decoder'
import type { SandboxedWorker } from '@glovebox/core/adapter' with { 'resolution-mode': 'import' }

/** What the worker prints goes where Jest prints what its own workers do. Text, as Jest's reporters collect it as such. */
export function printOutput(worker: SandboxedWorker): void {
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') }
  worker.onOutput((stream, chunk) => write(process[stream], decoders[stream].write(chunk)))
}

async function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  if (stream.write(text) || stream.destroyed) return
  const gaveUp = new AbortController()
  const { signal } = gaveUp
  await Promise.race([once(stream, 'drain', { signal }), once(stream, 'close', { signal })]).catch(() => {})
  gaveUp.abort()
}
