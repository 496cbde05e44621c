// SPDX-License-Identifier: MIT
import type { InstanceSummary, OperationAccepted } from '#contract/instances.ts';
import { hasTags } from '#contract/tags.ts';
import { verbs, type InstanceVerb } from '#contract/verbs.ts';
import { say } from '#messages/say.ts';
import { allInstances } from '../client/list-all.ts';
import type { CommandContext } from './command-context.ts';
import { CliError } from './cli-error.ts';
import type { HelperConnection } from './connect.ts';
import { exitCodes } from './exit-codes.ts';
import { showOperations, type Outcome } from './show-operations.ts';
import type { Followed } from './followed.ts';
import { HelperCallError } from '../client/helper-call-error.ts';
import { report } from './run-command.ts';
import { tell } from './output.ts';

/** One verb on several instances. */
export interface InstancesRequest {
  readonly verb: InstanceVerb;
  readonly names: readonly string[];
  /** With `--all`: which of the caller's own instances are meant. */
  readonly all?: ((instance: InstanceSummary) => boolean) | undefined;
  readonly waits?: boolean | undefined;
  /** Returns nothing where there was nothing to do. */
  readonly ask: (connection: HelperConnection, name: string) => Promise<OperationAccepted | undefined>;
  /** May take care of a failure itself; returns the failure that is left. */
  readonly onFailure?: (name: string, error: HelperCallError) => Promise<HelperCallError | undefined>;
}

/**
 * Asks for the operation on every instance at once and follows them. A failure on one does not hold
 * the others back; each is reported, and the exit code is that of the first. Returns 0 when all worked.
 */
export async function operateOnInstances(context: CommandContext, request: InstancesRequest): Promise<number> {
  const connection = await context.connect();
  const names = await chooseNames(connection, request);
  let exitCode: number = exitCodes.success;
  const fail = (error: unknown, name: string): void => {
    const code = report(error, context, names.length > 1 ? name : undefined);
    if (exitCode === exitCodes.success) exitCode = code;
  };
  const asked = await Promise.all(
    names.map(async (name): Promise<Followed | undefined> => {
      try {
        const accepted = await request.ask(connection, name);
        return accepted && { accepted, label: `${request.verb} ${name}` };
      } catch (error) {
        fail(error, name);
        return undefined;
      }
    }),
  );
  const followed = asked.filter((each) => each !== undefined);
  if (followed.length === 0 || request.waits === false) return exitCode;
  for (const outcome of await showOperations(context, followed)) {
    const error = failureOf(outcome);
    const rest = error && request.onFailure ? await request.onFailure(outcome.followed.accepted.target, error) : error;
    if (rest) fail(rest, outcome.followed.accepted.target);
    if (outcome.summary === 'left' && exitCode === exitCodes.success) exitCode = tellLeft(outcome);
  }
  return exitCode;
}

/** What `--all` and `--tag` say together. */
export interface Meant {
  readonly all?: boolean | undefined;
  readonly tag?: readonly string[] | undefined;
}

/** With `--all` or `--tag`: which of the caller's own instances are meant, of those that can be; else nothing. */
export function meantBy(meant: Meant, isAble: (instance: InstanceSummary) => boolean): InstancesRequest['all'] {
  if (!isOfMany(meant)) return undefined;
  return (instance) => isAble(instance) && hasTags(instance, meant.tag ?? []);
}

export function isOfMany({ all, tag }: Meant): boolean {
  return all === true || tag !== undefined;
}

/** The failure of an ended operation, if it is one. */
export function failureOf({ summary }: Outcome): HelperCallError | undefined {
  if (summary === 'left' || summary.state === 'succeeded' || summary.state === 'running') return undefined;
  return new HelperCallError(summary.error ?? { code: 'operation.cancelled', params: {}, causes: [] });
}

/** Says that an operation goes on without us; returns the exit code for that. */
export function tellLeft({ followed }: Outcome): number {
  tell(say('cli.operation.left', { label: followed.label, id: followed.accepted.operationId }));
  return exitCodes.interrupted;
}

/**
 * Whether `--all` of a verb means the instance. To root all instances are as its own, but what is another user's goes
 * away by its name alone.
 */
export function isMeantByAll(verb: InstanceVerb, { isOwn, ownerUid }: InstanceSummary): boolean {
  return isOwn && (!verbs[verb].isDanger || ownerUid === process.getuid?.());
}

async function chooseNames(connection: HelperConnection, request: InstancesRequest): Promise<readonly string[]> {
  const { all } = request;
  if (all && request.names.length > 0) throw new CliError(say('cli.usage.names-or-all'), exitCodes.usage);
  if (!all && request.names.length === 0)
    throw new CliError(say('cli.usage.names-missing', { verb: request.verb }), exitCodes.usage);
  if (!all) return [...new Set(request.names)];
  const meant = (await allInstances(connection)).filter((instance) => instance.isOwn && all(instance));
  const chosen = meant.filter((instance) => isMeantByAll(request.verb, instance));
  if (chosen.length < meant.length)
    tell(say('cli.operation.others-left-alone', { count: meant.length - chosen.length, verb: request.verb }));
  if (chosen.length === 0) tell(say('cli.operation.nothing-to-do', { verb: request.verb }));
  return chosen.map(({ name }) => name);
}
