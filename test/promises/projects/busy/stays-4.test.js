import { leavesMuchBehind } from './all-at-once.js'

leavesMuchBehind()
