import { run } from './cli.ts'
import { demo } from './commands/demo.ts'
import { serve } from './commands/serve.ts'
import { processIo } from './io.ts'
import { readVersion } from './version.ts'

// The program `s3proxy`, once the engine is set up.
process.exitCode = await run(process.argv.slice(2), { io: processIo(), version: readVersion(), serve, demo })
