// SPDX-License-Identifier: MIT
import type { z } from 'zod';
import { describeError, exitCodeOf } from '#contract/errors.ts';
import { launchParams, type InstanceDetails, type OperationAccepted } from '#contract/instances.ts';
import { nameParams } from '#contract/verb-params.ts';
import { formatBytes } from '#contract/units.ts';
import { imageAlias, type ImageAlias } from '#contract/names.ts';
import { say } from '#messages/say.ts';
import type { CommandContext } from '../command-context.ts';
import { AlreadyReported, CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { helperErrorOf } from '../helper-error.ts';
import { aliasOfPlace, imagePlace } from '../image-place.ts';
import { imageWord } from '../image-word.ts';
import { showOperations } from '../show-operations.ts';
import { failureOf, tellLeft } from '../instance-operations.ts';
import { print, tell } from '../output.ts';
import { readUserData } from '../user-data.ts';
import { importImage } from './images.ts';

export interface LaunchOptions {
  readonly name?: string | undefined;
  readonly cpus?: number | undefined;
  readonly memory?: number | undefined;
  readonly disk?: number | undefined;
  readonly cloudInit?: string | undefined;
  readonly strictCloudInit?: true | undefined;
  readonly timezone?: string | undefined;
  readonly timeout?: number | undefined;
  readonly withoutApparmor?: true | undefined;
  readonly wait: boolean;
}

/**
 * `berth launch`: prints the instance's name on stdout once it runs, or at once with `--no-wait`. A file or URL is
 * imported first.
 */
export async function launch(context: CommandContext, word: string, options: LaunchOptions): Promise<number> {
  const accepted = await ask(context, word, options);
  if (!options.wait) {
    print(accepted.target);
    return exitCodes.success;
  }
  const [outcome] = await showOperations(context, [{ accepted, label: `launch ${accepted.target}` }]);
  const error = outcome && failureOf(outcome);
  if (error) throw error;
  print(accepted.target);
  if (outcome?.summary === 'left') return tellLeft(outcome);
  const connection = await context.connect();
  const exitCode = tellFirstBoot(
    await connection.request('instances.info', nameParams.parse({ name: accepted.target })),
  );
  return options.strictCloudInit === true ? exitCode : exitCodes.success;
}

/** Asks for the launch, of a file or URL when that is imported, and passes on what is odd about its document. */
async function ask(context: CommandContext, word: string, options: LaunchOptions): Promise<OperationAccepted> {
  const place = imagePlace(word);
  const params = checkParams({
    image: place === undefined ? imageWord(word) : aliasOfPlace(place),
    name: options.name,
    cpus: options.cpus,
    memoryBytes: options.memory,
    diskBytes: options.disk,
    timeZone: options.timezone,
    timeoutSeconds: options.timeout,
    isAllowedWithoutAppArmor: options.withoutApparmor,
    userDataBase64:
      options.cloudInit === undefined
        ? undefined
        : Buffer.from(await readUserData(options.cloudInit)).toString('base64'),
  });
  const connection = await context.connect();
  const image = place === undefined ? params.image : await importForLaunch(context, place, params.image);
  const accepted = await connection.request('instances.launch', { ...params, image });
  await tellWhatIsTooMuch(context, params);
  for (const warning of accepted.warnings ?? [])
    tell(say('cli.launch.user-data-remark', { source: options.cloudInit ?? '', remark: warning }));
  return accepted;
}

/**
 * More processors and more memory than the computer has are allowed: the helper refuses only what is more than its
 * memory and swap. The launch goes on by then: where the computer cannot be asked for, nothing is said.
 */
async function tellWhatIsTooMuch(
  context: CommandContext,
  { cpus, memoryBytes }: { readonly cpus?: number | undefined; readonly memoryBytes?: number | undefined },
): Promise<void> {
  if (cpus === undefined && memoryBytes === undefined) return;
  const connection = await context.connect();
  const host = await connection.request('system.info', {}).catch(() => undefined);
  if (host === undefined) return;
  if (cpus !== undefined && cpus > host.hostCpus)
    tell(say('cli.launch.more-cpus', { asked: cpus, count: host.hostCpus }));
  if (memoryBytes !== undefined && memoryBytes > host.hostMemoryBytes)
    tell(say('cli.launch.more-memory', { asked: formatBytes(memoryBytes), memory: formatBytes(host.hostMemoryBytes) }));
}

/** Says what is odd about how cloud-init ended; returns the exit code for that. */
function tellFirstBoot({ name, state, lastError, boots }: InstanceDetails): number {
  const phase = boots?.at(-1)?.phases.find((each) => each.phase === 'cloud-init');
  if (lastError?.phase === 'cloud-init') {
    const { message, hint } = describeError(lastError);
    tell(say('cli.launch.cloud-init-failed', { name, message, hint }));
    return exitCodeOf(lastError);
  }
  if (state === 'stopped') tell(say('cli.launch.powered-off', { name }));
  else if (phase?.evidence?.includes('restarted') === true)
    tell(say('cli.launch.cloud-init-remark', { name, remark: phase.evidence }));
  return exitCodes.success;
}

/** Imports the image of a place under a name of its own, which it says and returns. */
async function importForLaunch(context: CommandContext, place: string, name: string): Promise<ImageAlias> {
  for (const alias of [name, `my-${name}`].map((each) => imageAlias.parse(each))) {
    try {
      const exitCode = await importImage(context, place, { alias });
      if (exitCode !== exitCodes.success) throw new AlreadyReported(exitCode); // nobody waits for it any more
      tell(say('cli.launch.imported', { alias }));
      return alias;
    } catch (error) {
      if (error instanceof AlreadyReported || helperErrorOf(error).code !== 'image.alias-reserved' || alias !== name)
        throw error;
    }
  }
  throw new CliError(
    say('cli.launch.no-alias-free', { place }),
    exitCodes.failed,
    say('cli.launch.no-alias-free-hint'),
  );
}

/** The options by which the contract's fields are known here. */
const optionNames: Readonly<Record<string, string>> = {
  image: 'image',
  name: '--name',
  cpus: '--cpus',
  memoryBytes: '--memory',
  diskBytes: '--disk',
  userDataBase64: '--cloud-init',
  timeZone: '--timezone',
  timeoutSeconds: '--timeout',
};

function checkParams(draft: Readonly<Record<string, unknown>>): ReturnType<typeof launchParams.parse> {
  const present = Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined));
  const checked = launchParams.safeParse(present);
  if (checked.success) return checked.data;
  const problems = checked.error.issues.map(
    (issue) => `${optionNames[String(issue.path[0])] ?? issue.path.join('.')}: ${limitText(issue)}`,
  );
  throw new CliError(problems.join('; '), exitCodes.usage, say('cli.launch.options-hint'));
}

/** A limit on bytes reads better as a size; other messages are the contract's. */
function limitText(issue: z.core.$ZodIssue): string {
  const isSize = /Bytes$/.test(String(issue.path[0]));
  if (isSize && issue.code === 'too_small')
    return say('cli.launch.at-least', { size: formatBytes(Number(issue.minimum)) });
  if (isSize && issue.code === 'too_big')
    return say('cli.launch.at-most', { size: formatBytes(Number(issue.maximum)) });
  return issue.message;
}
