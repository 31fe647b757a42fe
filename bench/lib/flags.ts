import { parseArgs } from 'node:util'

/** A benchmark's command line: `--name value` for each number or text, `--json` for the output. */
export interface Flags {
  readonly json: boolean
  /** A whole number, at least 0. */
  number(name: string): number
  text(name: string): string
}

/** Reads the command line. `defaults` names every flag; `help` is what `--help` prints. */
export function readFlags(help: string, defaults: Readonly<Record<string, string>>): Flags {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h' },
      json: { type: 'boolean' },
      ...Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: 'string' as const }])),
    },
  })
  if (values.help === true) {
    process.stdout.write(`${help}\n`)
    process.exit(0)
  }
  const given: Readonly<Record<string, string | boolean | undefined>> = values
  const text = (name: string): string => String(given[name] ?? defaults[name] ?? '')
  return {
    json: values.json === true,
    text,
    number(name) {
      const value = Number(text(name))
      if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} must be a whole number`)
      return value
    },
  }
}
