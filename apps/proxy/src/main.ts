#!/usr/bin/env node
import { missingEngineFlags } from './engine-flags.ts'

// V8 takes these only when it starts. So Node.js starts once more in this very process, before anything else is loaded;
// workers inherit the options. Where a process cannot be replaced (Windows), it goes on without.
const missing = missingEngineFlags(process.execArgv)
if (missing.length > 0 && process.platform !== 'win32' && process.execve !== undefined) {
  const { execPath, execArgv, argv, env } = process
  process.execve(execPath, [execPath, ...missing, ...execArgv, ...argv.slice(1)], env)
}
await import('./program.ts')
