const steps = [
  { upTo: 500, cents: 390 },
  { upTo: 2_000, cents: 590 },
  { upTo: 10_000, cents: 990 },
]

/** Price of a parcel in cents by its weight in grams. */
export function price(grams) {
  if (!(grams > 0)) throw new RangeError(`a parcel cannot weigh ${grams} g`)
  const step = steps.find(({ upTo }) => grams <= upTo)
  if (!step) throw new RangeError(`${grams} g are more than a courier carries`)
  return step.cents
}
