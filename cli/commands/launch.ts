// SPDX-License-Identifier: MIT
import { open } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { z } from 'zod';
import { launchParams } from '#contract/instances.ts';
import { formatBytes } from '#contract/units.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { showOperations } from '../show-operations.ts';
import { failureOf, tellLeft } from '../instance-operations.ts';

export interface LaunchOptions {
  readonly name?: string | undefined;
  readonly cpus?: number | undefined;
  readonly memory?: number | undefined;
  readonly disk?: number | undefined;
  readonly cloudInit?: string | undefined;
  readonly timezone?: string | undefined;
  readonly timeout?: number | undefined;
  readonly withoutApparmor?: true | undefined;
  readonly wait: boolean;
}

/** `berth launch`: prints the instance's name on stdout once it runs, or at once with `--no-wait`. */
export async function launch(context: CommandContext, image: string, options: LaunchOptions): Promise<number> {
  const params = checkParams({
    image, name: options.name, cpus: options.cpus, memoryBytes: options.memory, diskBytes: options.disk,
    timeZone: options.timezone, timeoutSeconds: options.timeout, isAllowedWithoutAppArmor: options.withoutApparmor,
    userData: options.cloudInit === undefined ? undefined : await readUserData(options.cloudInit),
  });
  const connection = await context.connect();
  const accepted = await connection.request('instances.launch', params);
  if (!options.wait) {
    process.stdout.write(`${accepted.target}\n`);
    return exitCodes.success;
  }
  const [outcome] = await showOperations(context, [{ accepted, label: `launch ${accepted.target}` }]);
  const error = outcome && failureOf(outcome);
  if (error) throw error;
  process.stdout.write(`${accepted.target}\n`);
  return outcome?.summary === 'left' ? tellLeft(outcome) : exitCodes.success;
}

/** The options by which the contract's fields are known here. */
const optionNames: Readonly<Record<string, string>> = {
  image: 'image', name: '--name', cpus: '--cpus', memoryBytes: '--memory', diskBytes: '--disk', userData: '--cloud-init', timeZone: '--timezone', timeoutSeconds: '--timeout',
};

function checkParams(draft: Readonly<Record<string, unknown>>): ReturnType<typeof launchParams.parse> {
  const present = Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined));
  const checked = launchParams.safeParse(present);
  if (checked.success) return checked.data;
  const problems = checked.error.issues.map((issue) => `${optionNames[String(issue.path[0])] ?? issue.path.join('.')}: ${limitText(issue)}`);
  throw new CliError(problems.join('; '), exitCodes.usage, 'berth launch --help lists what each option takes.');
}

/** A limit on bytes reads better as a size; other messages are the contract's. */
function limitText(issue: z.core.$ZodIssue): string {
  const isSize = /Bytes$/.test(String(issue.path[0]));
  if (isSize && issue.code === 'too_small') return `at least ${formatBytes(Number(issue.minimum))}`;
  if (isSize && issue.code === 'too_big') return `at most ${formatBytes(Number(issue.maximum))}`;
  return issue.message;
}

const largestUserData = 256 * 1024;

/** Reads at most a little more than the contract lets through: a device or pipe without end must not fill the memory. */
async function readUserData(path: string): Promise<string> {
  try {
    if (path === '-') return await text(limited(process.stdin));
    await using file = await open(path);
    return await text(limited(file.createReadStream({ autoClose: false })));
  } catch (error) {
    throw new CliError(`--cloud-init ${path}: ${error instanceof Error ? error.message : String(error)}`, exitCodes.usage);
  }
}

async function* limited(source: AsyncIterable<Buffer | string>): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > largestUserData) throw new Error(`larger than ${largestUserData} bytes`);
    yield Buffer.from(chunk);
  }
}
