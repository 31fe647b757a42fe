import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Io } from '../../io.ts'
import type { ConfigSelection } from '../load.ts'
import type { CacheCall, CacheOptions } from './cache-context.ts'
import { du } from './du.ts'
import { ls, sortKeys } from './ls.ts'
import { purge } from './purge.ts'
import { stat } from './stat.ts'
import { verify } from './verify.ts'

/** What the commands need of the program. */
export interface CacheCommandsOptions {
  readonly io: Io
  readonly selection: () => ConfigSelection
  readonly setExitCode: (code: number) => void
}

const naming = `
Names: bucket, bucket/prefix/, bucket/key or a pattern over bucket/key (* no slash, ** anything, ? one character; quote
it); s3:// in front is allowed. The directory is cache.dir of the configuration (-c, -d).`

const examples = `${naming}

Examples:
  s3proxy cache ls -d /var/cache/s3proxy 'models/**/*.bin'   what is held of them
  s3proxy cache stat models/llama/weights.bin                extents and headers of one object
  s3proxy cache du --depth 2                                 what each first prefix takes
  s3proxy cache purge models/llama/                          forget all below; a running proxy does within a second
  s3proxy cache verify --repair                              read everything, remove what is damaged
Exit codes: 0 done; 1 it could not be done, stat found nothing, verify found damage and left it; 2 wrong command line.`

/** Defines `s3proxy cache …`. The commands read the directory itself, so it does not matter whether a proxy runs on it. */
export function addCacheCommands(program: Command, { io, selection, setExitCode }: CacheCommandsOptions): void {
  const cache = program
    .command('cache')
    .description('look into the cache directory, empty or verify it; a proxy may run on it meanwhile')
    .addHelpText('after', examples)
  const call = (names: readonly string[], options: CacheOptions): CacheCall => ({
    config: selection(),
    io,
    names,
    options,
  })
  const add = (usage: string, description: string): Command =>
    cache.command(usage).description(description).option('--json', 'print JSON').addHelpText('after', naming)
  const exact = (command: Command): Command =>
    command.option('--exact', 'names are bucket/key as they are, no patterns')

  exact(
    add('ls [names...]', 'list objects: size, how much is held, extents, last use, ETag; --json prints a line each'),
  )
    .addOption(new Option('--sort <by>', 'order of the lines; needs memory for all of them').choices(sortKeys))
    .action(async (names: string[], options: CacheOptions & Parameters<typeof ls>[1]) => {
      setExitCode(await ls(call(names, options), options))
    })
  add('stat <names...>', 'show all that is known of objects: bucket/key as it is, no pattern').action(
    async (names: string[], options: CacheOptions) => {
      setExitCode(await stat(call(names, options)))
    },
  )
  exact(add('du [names...]', 'add up space by bucket or prefix, largest first'))
    .option('--depth <n>', 'parts of the name that make a group: 1 is the bucket', parseDepth, 1)
    .action(async (names: string[], options: CacheOptions & Parameters<typeof du>[1]) => {
      setExitCode(await du(call(names, options), options))
    })
  exact(add('purge [names...]', 'remove objects; in --json the count and the bytes freed'))
    .option('--all', 'everything')
    .option('-n, --dry-run', 'only say what would go')
    .action(async (names: string[], options: CacheOptions & Parameters<typeof purge>[1]) => {
      setExitCode(await purge(call(names, options), options))
    })
  exact(add('verify [names...]', 'read objects against their checksums'))
    .option('--repair', 'remove what is damaged')
    .option('--md5', 'compare ETags that look like an MD5 too (some stores have others)')
    .action(async (names: string[], options: CacheOptions & Parameters<typeof verify>[1]) => {
      setExitCode(await verify(call(names, options), options))
    })
}

function parseDepth(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw new InvalidArgumentError('It is a number from 1 to 99.')
  return Number(text)
}
