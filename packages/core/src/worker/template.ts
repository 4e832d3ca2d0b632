/**
 * The main module of a template: `node [flags] template.js ORDER`, with the library preloaded. What is imported from here, down to the
 * worker entry, is compiled whole: its workers run most of it.
 */
import { compileEagerly } from './compile-eagerly.js'

compileEagerly()
await import('./serve-template.js')
