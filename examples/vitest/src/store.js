import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parcelsFile } from './paths.js'

/** Parcels in a file, one JSON object a line; what happens to a parcel is a further line with the same number. */
export class ParcelStore {
  #file

  constructor(file = parcelsFile) {
    this.#file = file
    mkdirSync(dirname(file), { recursive: true })
  }

  all() {
    const parcels = new Map()
    for (const line of this.#lines()) {
      const entry = JSON.parse(line)
      parcels.set(entry.number, { ...parcels.get(entry.number), ...entry })
    }
    return [...parcels.values()]
  }

  find(number) {
    return this.all().find((parcel) => parcel.number === number)
  }

  add(parcel) {
    const added = { number: this.all().length + 1, status: 'registered', ...parcel }
    this.#append(added)
    return added
  }

  update(number, change) {
    this.#append({ number, ...change })
    return this.find(number)
  }

  #append(entry) {
    appendFileSync(this.#file, `${JSON.stringify(entry)}\n`)
  }

  #lines() {
    try {
      return readFileSync(this.#file, 'utf8').split('\n').filter(Boolean)
    } catch (error) {
      if (error.code === 'ENOENT') return []
      throw error
    }
  }
}
