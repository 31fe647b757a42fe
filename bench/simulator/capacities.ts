const units: Readonly<Record<string, number>> = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 }

/** Reads sizes of a cache, `1%,64MiB,1000`: shares of `totalBytes` or bytes. Throws for anything else, and for 0. */
export function parseCapacities(text: string, totalBytes: number): readonly number[] {
  return text.split(',').map((part) => {
    const [, number = '', unit = ''] = /^(\d{1,15}(?:\.\d{1,15})?)\s*(%|[KMGT]iB)?$/.exec(part.trim()) ?? []
    const bytes = Math.floor(Number(number) * (unit === '%' ? totalBytes / 100 : (units[unit] ?? Number.NaN)))
    if (number === '' || !(bytes > 0)) throw new Error(`--sizes: ${part} is not a size such as 1%, 64MiB or 1000`)
    return bytes
  })
}
