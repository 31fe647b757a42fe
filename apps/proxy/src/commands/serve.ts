import type { Config } from '../config/config.ts'
import type { Io } from '../io.ts'
import { startProxy } from '../start-proxy.ts'
import { stopSignal } from '../stop-signal.ts'
import { exitCodes } from './load.ts'

/** Runs the proxy until SIGTERM or SIGINT, then drains. Gives the exit code. */
export async function serve(config: Config, io: Io): Promise<number> {
  const started = await startProxy({ config, io })
  if (started.kind === 'failed') {
    io.stderr.write(`s3proxy: ${started.message}\n`)
    return exitCodes.failed
  }
  await stopSignal(io)
  await started.stop()
  return exitCodes.ok
}
