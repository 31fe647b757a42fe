export { type CliOptions, run, type Serve } from './cli.ts'
export {
  type ComposeOptions,
  type Composition,
  type CompositionFailure,
  compose,
  type ProxyObserver,
} from './compose.ts'
export type { Config } from './config/config.ts'
export {
  type InvalidConfig,
  type LoadedConfig,
  type LoadOptions,
  type LoadResult,
  loadConfig,
} from './config/load-config.ts'
export type { ConfigSource } from './reload/config-source.ts'
