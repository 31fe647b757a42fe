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
