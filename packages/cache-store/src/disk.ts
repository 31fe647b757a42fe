export { type DiskTierOpening, type DiskTierOptions, openDiskTier } from './lib/disk/disk-tier.ts'
export type { File, FileStat, FileSystem } from './lib/disk/file-system.ts'
export type { RefusedDirectory } from './lib/disk/marker.ts'
export { nodeFileSystem } from './lib/disk/node-file-system.ts'
