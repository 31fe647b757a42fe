import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { SumAlgorithm } from '@s3proxy/protocol'
import { takeWasmHasher } from './wasm-hashers.ts'

/** A sum being made. */
export interface SumDigest {
  update(chunk: Uint8Array): void
  /** In hex, lower case. Ends it. */
  digest(): string
}

/** Starts a sum. A promise only where the code for it has to be made ready first. */
export function createSumDigest(algorithm: SumAlgorithm): SumDigest | Promise<SumDigest> {
  switch (algorithm) {
    case 'crc32':
      return crc32Digest()
    case 'crc32c':
    case 'crc64nvme':
      return wasmDigest(algorithm)
    default:
      return nativeDigest(algorithm)
  }
}

function crc32Digest(): SumDigest {
  let sum = 0
  return {
    update(chunk) {
      sum = crc32(chunk, sum)
    },
    digest: () => sum.toString(16).padStart(8, '0'),
  }
}

function nativeDigest(algorithm: 'sha256' | 'sha1' | 'md5'): SumDigest {
  const hash = createHash(algorithm)
  return {
    update: (chunk) => void hash.update(chunk),
    digest: () => hash.digest('hex'),
  }
}

/** Node has no code of its own for these. */
async function wasmDigest(algorithm: 'crc32c' | 'crc64nvme'): Promise<SumDigest> {
  const { hasher, giveBack } = await takeWasmHasher(algorithm)
  return {
    update: (chunk) => void hasher.update(chunk),
    digest() {
      const hex = hasher.digest()
      giveBack()
      return hex
    },
  }
}
