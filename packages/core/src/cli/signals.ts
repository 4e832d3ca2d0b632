const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'] as const

/** Passes signals on; the second SIGINT or SIGTERM, from someone who lost patience, kills. Returns what undoes it. */
export function forwardSignals(send: (signal: NodeJS.Signals) => void, kill: () => void): () => void {
  let asked = false
  const onSignal = (signal: NodeJS.Signals): void => {
    const asks = signal === 'SIGINT' || signal === 'SIGTERM'
    if (asks && asked) kill()
    else send(signal)
    asked ||= asks
  }
  for (const signal of forwarded) process.on(signal, onSignal)
  return () => {
    for (const signal of forwarded) process.off(signal, onSignal)
  }
}
