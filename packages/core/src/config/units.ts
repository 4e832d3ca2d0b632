import ms from 'ms'

/*
 * Human units to numbers. Every function takes what a user wrote, in a config file (number or string) or in a pragma
 * or flag (string), and returns undefined when that is not a value of its kind; sign and range are the caller's.
 */

const kilo = ['k', 'm', 'g', 't', 'p']

/**
 * Bytes. `256MiB`, `1.5GiB` are powers of 1024, and so are single letters, as Docker has them (`4G`, `4g`, `512k`);
 * `512MB`, `10kB` are powers of 1000. A plain number is bytes. Parts of a byte are rounded down.
 */
export function parseBytes(value: string | number): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined
  const match = /^([+-]?\d+(?:\.\d+)?)\s*(?:([kmgtp])(ib|b)?|b|bytes?)?$/i.exec(value.trim())
  if (!match) return undefined
  const base = match[3]?.toLowerCase() === 'b' ? 1000 : 1024
  const power = match[2] === undefined ? 0 : kilo.indexOf(match[2].toLowerCase()) + 1
  return inRange(Math.trunc(Number(match[1]) * base ** power))
}

/** Milliseconds. `30s`, `5m`, `1.5h`, `250ms`; a plain number is milliseconds. Parts of a millisecond are rounded down. */
export function parseDuration(value: string | number): number | undefined {
  if (typeof value === 'number') return inRange(Math.trunc(value))
  const text = value.trim()
  // ms() throws on an empty or very long string; it has no type for "any string".
  if (text === '' || text.length > 100) return undefined
  return inRange(Math.trunc(ms(text as ms.StringValue) ?? Number.NaN))
}

/** A number, also with a fraction: `0.5`, `'1.5'`. */
export function parseNumber(value: string | number): number | undefined {
  if (typeof value === 'number') return inRange(value)
  return /^[+-]?(\d+(\.\d+)?|\.\d+)$/.test(value.trim()) ? inRange(Number(value)) : undefined
}

/** A share of something: `0.05`, `'5%'`. */
export function parseShare(value: string | number): number | undefined {
  const percent = typeof value === 'string' ? /^(.*)%$/.exec(value.trim())?.[1] : undefined
  if (percent === undefined) return parseNumber(value)
  const number = parseNumber(percent)
  return number === undefined ? undefined : number / 100
}

/** A whole number. */
export function parseCount(value: string | number): number | undefined {
  const number = parseNumber(value)
  return Number.isInteger(number) ? number : undefined
}

/** A file-mode mask: octal digits as a string (`022`, `0o022`), any number as it is. */
export function parseUmask(value: string | number): number | undefined {
  const mask =
    typeof value === 'number'
      ? value
      : /^(0o)?[0-7]{1,4}$/.test(value)
        ? Number.parseInt(value.replace('0o', ''), 8)
        : -1
  return Number.isInteger(mask) && mask >= 0 && mask <= 0o777 ? mask : undefined
}

function inRange(number: number): number | undefined {
  return Number.isFinite(number) && Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : undefined
}
