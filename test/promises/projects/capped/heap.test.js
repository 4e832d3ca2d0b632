import { hog, megabytes } from './hog.js'

hog(() => {
  const lists = []
  for (let taken = 0; taken < megabytes; taken += 1)
    lists.push(Array.from({ length: 1 << 17 }, (_, index) => index + 0.5))
  return lists
})
