// @ts-check
/** @import { Act } from '../types.js' */
import { namespaces } from './namespaces.mjs'
import { paths } from './paths.mjs'
import { processes } from './processes.mjs'
import { sockets } from './sockets.mjs'
import { syscalls } from './syscalls.mjs'

/** @type {Readonly<Record<string, readonly Act[]>>} */
export const groups = { processes, paths, namespaces, sockets, syscalls }
