import { delimiter, join } from 'node:path'

/** Every place on `PATH` where `program` could be, in order. */
export function pathCandidates(program: string, env: NodeJS.ProcessEnv): string[] {
  const file = process.platform === 'win32' ? `${program}.exe` : program
  return (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, file))
}
