/** Which of our packages each of them may import. A package that is not listed may import nothing of ours. */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  '@s3proxy/protocol': [],
  '@s3proxy/metrics': [],
  '@s3proxy/router': ['@s3proxy/protocol'],
  '@s3proxy/cache-store': ['@s3proxy/protocol'],
  '@s3proxy/coordinator': ['@s3proxy/protocol'],
  '@s3proxy/upstream': ['@s3proxy/protocol'],
  '@s3proxy/passthrough': ['@s3proxy/protocol'],
  '@s3proxy/auth': ['@s3proxy/protocol'],
  '@s3proxy/testkit': ['@s3proxy/protocol'],
  '@s3proxy/gateway': [
    '@s3proxy/protocol',
    '@s3proxy/metrics',
    '@s3proxy/router',
    '@s3proxy/cache-store',
    '@s3proxy/coordinator',
    '@s3proxy/upstream',
    '@s3proxy/passthrough',
    '@s3proxy/auth',
  ],
  '@s3proxy/cli': [
    '@s3proxy/protocol',
    '@s3proxy/metrics',
    '@s3proxy/router',
    '@s3proxy/cache-store',
    '@s3proxy/coordinator',
    '@s3proxy/upstream',
    '@s3proxy/passthrough',
    '@s3proxy/auth',
    '@s3proxy/gateway',
  ],
}

/** Test help: imported by test files and the folders of tests alone. */
export const testOnlyPackages: readonly string[] = ['@s3proxy/testkit']

/** Our scope; everything below it is a package of this repository. */
export const ourScope = '@s3proxy/'

/** Folders of the repository whose files may import every package of ours, but only by name. */
export const outerFolders: readonly string[] = ['tests', 'bench', 'scripts']
