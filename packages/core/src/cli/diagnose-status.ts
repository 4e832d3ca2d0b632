import type { Answer } from '../diagnose/words.js'
import { ofSignal, status } from './exit-status.js'

/** The exit status of an answer. Pure. */
export function diagnoseStatus({ conclusion, stopped }: Pick<Answer, 'conclusion' | 'stopped'>): number {
  if (stopped === 'interrupted') return ofSignal('SIGINT')
  switch (conclusion.kind) {
    case 'stable':
      return 0
    case 'depends':
    case 'flaky':
    case 'always-fails':
      return 1
    case 'unreliable':
    case 'undecided':
      return status.usage
  }
}
