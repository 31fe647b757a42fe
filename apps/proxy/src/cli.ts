import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { addCacheCommands } from './commands/cache/cache.ts'
import { check } from './commands/check.ts'
import { type ConfigSelection, exitCodes, openConfig, reportTrouble } from './commands/load.ts'
import type { FlagValue } from './config/layers/flags.ts'
import { nearest } from './config/nearest.ts'
import type { Io } from './io.ts'
import type { ConfigSource } from './reload/config-source.ts'

/** Runs the proxy until it is told to stop; gives the exit code. */
export type Serve = (source: ConfigSource, io: Io) => Promise<number>

/** Runs a complete proxy with sample objects until it is told to stop; gives the exit code. */
export type Demo = (flags: readonly FlagValue[], io: Io) => Promise<number>

/** What {@link run} needs. */
export interface CliOptions {
  readonly io: Io
  /** What `--version` prints. */
  readonly version: string
  readonly serve: Serve
  readonly demo: Demo
}

/** A program to parse one command line with; afterwards `exitCode` holds what its command returned. */
export interface Program {
  readonly command: Command
  readonly exitCode: number
}

const footer = `
Examples:
  s3proxy                                     run with the built-in defaults
  s3proxy demo                                try it: a proxy and sample objects, no configuration
  s3proxy -c s3proxy.yaml                     run with a configuration file
  s3proxy -p 8000 -d /var/cache/s3proxy       run on another port, with another cache directory
  s3proxy --set cache.memory=2GiB             set any key of the configuration
  s3proxy check -c s3proxy.yaml               print what is in effect and where it comes from
  s3proxy cache du                            what each bucket takes of the cache directory

Every key is also an environment variable: cache.max_size is S3PROXY_CACHE_MAX_SIZE. S3PROXY_CONFIG names the file.
SIGHUP has the configuration file read again: rules, and what cache says about reads, change without a restart.
Exit codes: 0 stopped as asked, or the configuration is right; 1 could not start or go on; 2 wrong command line or
configuration.`

/** Defines the commands. `s3proxy` alone means `serve`. */
export function createProgram({ io, version, serve, demo }: CliOptions): Program {
  const flags: FlagValue[] = []
  let exitCode: number = exitCodes.ok
  const command = new Command('s3proxy')
    .description('A transparent caching proxy for Amazon S3 and S3-compatible stores.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', footer)

  const shortcut = (names: string, path: string, description: string): void => {
    const flag = names.slice(names.indexOf('--'), names.indexOf(' <'))
    command.option(names, description, (text: string) => void flags.push({ path, text, flag }))
  }
  command.option('-c, --config <file>', 'configuration file (YAML)')
  shortcut('-p, --port <port>', 'server.http.port', 'port of the S3 listener (server.http.port)')
  shortcut('-d, --cache-dir <dir>', 'cache.dir', 'directory of the disk cache (cache.dir)')
  shortcut('-l, --log-level <level>', 'logging.level', 'least severe level logged (logging.level)')
  command.option('--set <key=value>', 'set one key; may be repeated', (text: string) => void flags.push(parseSet(text)))

  const selection = (): ConfigSelection => ({ file: command.opts<{ config?: string }>().config, flags })

  command
    .command('serve', { isDefault: true })
    .description('run the proxy (the default)')
    .allowExcessArguments() // a mistyped command ends up here
    .action(async (_options: object, serveCommand: Command) => {
      const word = serveCommand.args[0]
      if (word !== undefined) serveCommand.error(unknownCommand(word, command))
      const opened = await openConfig(selection(), io)
      reportTrouble(opened.kind === 'source' ? opened.loaded : opened, io)
      exitCode = opened.kind === 'source' ? await serve(opened, io) : exitCodes.usage
    })
  command
    .command('check')
    .description('print the effective configuration and the layer of each value')
    .option('--json', 'print JSON')
    .action(async ({ json = false }: { json?: boolean }) => {
      exitCode = await check({ ...selection(), json }, io)
    })

  addCacheCommands(command, {
    io,
    selection,
    setExitCode: (code) => {
      exitCode = code
    },
  })

  command
    .command('demo')
    .description('run a complete proxy with sample objects: nothing to configure, no account')
    .action(async () => {
      exitCode = await demo(flags, io)
    })

  return {
    command,
    get exitCode() {
      return exitCode
    },
  }
}

/** Runs the command line `argv` (without program names) and gives the exit code. Rejects only for defects. */
export async function run(argv: readonly string[], options: CliOptions): Promise<number> {
  const program = createProgram(options)
  try {
    await program.command.parseAsync(argv, { from: 'user' })
    return program.exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  }
}

function parseSet(text: string): FlagValue {
  const equals = text.indexOf('=')
  if (equals < 1) throw new InvalidArgumentError('Write it as key=value, for example cache.dir=/var/cache/s3proxy.')
  const path = text.slice(0, equals)
  return { path, text: text.slice(equals + 1), flag: `--set ${path}` }
}

function unknownCommand(word: string, command: Command): string {
  const near = nearest(
    word,
    command.commands.map((known) => known.name()),
  )
  return `error: unknown command '${word}'${near === undefined ? '' : `\n(Did you mean ${near}?)`}`
}
