import { defineConfig } from 'tsup'

/** One build for every package: ESM, declarations and source maps, for the oldest Node we support. */
export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm'],
  target: 'node22',
  dts: true,
  sourcemap: true,
  clean: true,
  splitting: true,
})
