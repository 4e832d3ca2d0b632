import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { port } from './paths.js'
import { price } from './pricing.js'
import { ParcelStore } from './store.js'

/** GET /parcels, POST /parcels {to, grams}, GET /parcels/N, PUT /parcels/N {status} */
export function createApi(store = new ParcelStore()) {
  return createServer(async (request, response) => {
    const reply = (status, body) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    try {
      const [, collection, number] = request.url.split('/')
      if (collection !== 'parcels') return reply(404, { error: 'no such resource' })
      if (request.method === 'POST') {
        const { to, grams } = await json(request)
        return reply(201, store.add({ to, grams, cents: price(grams) }))
      }
      if (number === undefined) return reply(200, store.all())
      const parcel = store.find(Number(number))
      if (!parcel) return reply(404, { error: `no parcel ${number}` })
      if (request.method === 'PUT') return reply(200, store.update(parcel.number, await json(request)))
      return reply(200, parcel)
    } catch (error) {
      reply(400, { error: error.message })
    }
  })
}

/** Resolves once the API listens. */
export function listen(server = createApi()) {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}
