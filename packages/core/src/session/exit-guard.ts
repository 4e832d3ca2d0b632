import { writeSync } from 'node:fs'

/**
 * Until the returned function is called, this process cannot end with code 0: it ends with 1 then, saying what is undone. When that
 * for which a run waits is gone, Node.js's event loop runs empty, which looks like success.
 */
export function failUntilDone(undone: string): () => void {
  const onExit = (code: number): void => {
    if (code !== 0) return
    process.exitCode = 1
    try {
      writeSync(2, `\nGlovebox: ${undone}\n`)
    } catch {
      // nobody listens; the code tells
    }
  }
  process.on('exit', onExit)
  return () => void process.off('exit', onExit)
}
