/** Ports that an error says are taken: `listen EADDRINUSE: address already in use 127.0.0.1:5432`. Pure. */
export function portsInUse(text: string): number[] {
  return [...text.matchAll(/\bEADDRINUSE\b[^\n]*?:(\d{1,5})(?!\S)/g)].map(([, port]) => Number(port))
}
