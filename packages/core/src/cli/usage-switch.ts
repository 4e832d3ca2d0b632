import type { Option } from 'commander'

/**
 * `--usage` alone means `--usage=text`. Commander would take the next word, the command's name, for its value; so the
 * switch is spelled out before commander sees it. Stops where the command begins. Pure.
 */
export function spellOutUsage(args: readonly string[], options: readonly Option[]): string[] {
  const takesNext = new Set(
    options.filter((option) => option.required).flatMap((option) => [option.short, option.long]),
  )
  const spelled = [...args]
  for (let index = 0; index < spelled.length; index++) {
    const word = spelled[index] ?? ''
    if (word === '--' || !word.startsWith('-')) break
    if (word === '--usage') spelled[index] = '--usage=text'
    else if (takesNext.has(word)) index++
  }
  return spelled
}
