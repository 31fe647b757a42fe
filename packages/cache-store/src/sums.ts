export { createSumDigest, type SumDigest } from './lib/sums/sum-digest.ts'
