export { type EvictionCase, evictionContract, repeatableRandom } from './lib/testing/eviction-contract.ts'
export {
  createFaultyFileSystem,
  type FaultyFileSystemOptions,
  type FileOperation,
  systemError,
} from './lib/testing/faulty-file-system.ts'
export {
  beginFill,
  type ContractCase,
  fill,
  held,
  readRange,
  type StoreFactory,
  sampleBytes,
  sampleRepresentation,
  storeContract,
} from './lib/testing/store-contract.ts'
