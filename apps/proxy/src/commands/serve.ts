import type { Io } from '../io.ts'
import type { ConfigSource } from '../reload/config-source.ts'
import { catchHangup } from '../reload/hangup.ts'
import { startProxy } from '../start-proxy.ts'
import { stopSignal } from '../stop-signal.ts'
import { startSupervisor } from '../workers/start-supervisor.ts'
import { exitCodes } from './load.ts'

/**
 * Runs the proxy until SIGTERM or SIGINT, then drains; SIGHUP has the configuration read again. Gives the exit code.
 */
export async function serve(source: ConfigSource, io: Io): Promise<number> {
  const hangup = catchHangup(process)
  const { config } = source.loaded
  const start = config.server.workers === 1 ? startProxy : startSupervisor
  const started = await start({ config, io, source })
  if (started.kind === 'failed') {
    io.stderr.write(`s3proxy: ${started.message}\n`)
    return exitCodes.failed
  }
  hangup.listen(() => void started.reload())
  await stopSignal(io)
  await started.stop()
  return exitCodes.ok
}
