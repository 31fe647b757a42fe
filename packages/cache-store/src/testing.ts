export {
  assertRight,
  type CrashLog,
  runWorkload,
  versionBytes,
  versionOf,
  type WorkloadOptions,
} from './lib/testing/crash-workload.ts'
export { type EvictionCase, evictionContract, repeatableRandom } from './lib/testing/eviction-contract.ts'
export {
  createFaultyFileSystem,
  type FaultyFileSystemOptions,
  type FileOperation,
  systemError,
} from './lib/testing/faulty-file-system.ts'
export { type PopulateOptions, populate, type SmallObject } from './lib/testing/populate.ts'
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
export {
  createVolatileFileSystem,
  type VolatileFileSystem,
  type VolatileOptions,
} from './lib/testing/volatile-file-system.ts'
