import { createCRC32, createCRC64, type IHasher } from 'hash-wasm'

/** A hasher that nobody else uses until it is given back, once at most; ready for the first byte. */
export interface TakenHasher {
  readonly hasher: IHasher
  giveBack(): void
}

/** The polynomials of iSCSI and of NVMe, bits reversed, as the library takes them. */
const makers = {
  crc32c: () => createCRC32(0x82f63b78),
  crc64nvme: () => createCRC64('9a6c9329ac4bc9b5'),
} as const

/** Making one takes some 170 µs and 100 KiB: some are kept. */
const maxIdle = 16

const idle: Readonly<Record<keyof typeof makers, IHasher[]>> = { crc32c: [], crc64nvme: [] }

/** A hasher in WebAssembly. */
export async function takeWasmHasher(algorithm: keyof typeof makers): Promise<TakenHasher> {
  const hasher = idle[algorithm].pop() ?? (await makers[algorithm]())
  hasher.init()
  return {
    hasher,
    giveBack() {
      if (idle[algorithm].length < maxIdle) idle[algorithm].push(hasher)
    },
  }
}
