import { hog, megabytes } from './hog.js'

hog(() => Array.from({ length: megabytes / 10 }, () => Buffer.alloc(10 << 20, 1)))
