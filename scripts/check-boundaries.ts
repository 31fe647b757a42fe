import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkBoundaries } from './boundaries/check.ts'

// Says which imports break the table in `boundaries/rules.ts`. Exit code 1 if any does.
const violations = checkBoundaries(dirname(dirname(fileURLToPath(import.meta.url))))
for (const { file, message } of violations) console.error(`${file}: ${message}`)
if (violations.length > 0) process.exitCode = 1
