/** One message of Glovebox's own, on stderr, where the command's output does not go through pipes. */
export function say(text: string): void {
  process.stderr.write(`glovebox: ${text}\n`)
}
