/** What a worker says over its channel, beside the adapter's messages, before it hands the first message to its entry: no code of the file has run until then. */
export const begun = { glovebox: 'begun' } as const

export function isBegun(message: unknown): message is typeof begun {
  return (message as Partial<typeof begun> | undefined)?.glovebox === begun.glovebox
}
