import { defineConfig } from 'tsup'
import base from '../../tsup.base.ts'

export default defineConfig({
  ...base,
  entry: ['src/index.ts', 'src/memory.ts', 'src/disk.ts', 'src/inspect.ts', 'src/sums.ts', 'src/testing.ts'],
})
