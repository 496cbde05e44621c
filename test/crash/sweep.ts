// SPDX-License-Identifier: MIT
import { audit } from '../support/audit.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { expectSuccess } from '../support/expect-success.ts';
import { InstanceClient } from '../support/instance-client.ts';
import type { Fault } from '../support/injector/injector.ts';
import { mia } from '../support/people.ts';
import { codeOf, type CrashCase } from './cases.ts';
import { picture } from './picture.ts';
import { StartFault, type Stage } from './stage.ts';
import { fresh } from './kept-state.ts';

/** What may be seen of a case's effect, whole or not at all. */
export interface Course {
  /** Calls that the helper makes for it. */
  readonly calls: number;
  readonly pictures: readonly string[];
}

export interface PointResult {
  readonly point: number;
  readonly struck: string;
  readonly faults: readonly string[];
}

const afterFault = new Set(['storage.disk-full', 'storage.failed']);

/** Runs a case undisturbed: counts, and takes the pictures before and after. */
export async function course(stage: Stage, each: CrashCase): Promise<Course> {
  stage.isUntouched = false;
  await stage.restore();
  await stage.start();
  const before = await look(stage);
  const client = await stage.connect(each.by ?? mia);
  stage.injector.arm();
  await each.run({ client, stage });
  client.close();
  const { calls } = stage.injector.disarm();
  if (!each.isLive) return { calls, pictures: [before, await look(stage)] };
  return { calls, pictures: [before, await withoutMachines(stage)] };
}

/**
 * A machine of a helper whose state is put away would be nobody's: the next one adopts it, or undoes what was not
 * finished.
 */
export async function withoutMachines(stage: Stage): Promise<string> {
  await stage.kill();
  await stage.start();
  const seen = await look(stage);
  const client = new InstanceClient(await stage.connect());
  for (const { name, state } of await client.connection.request('instances.list', {})) {
    if (state !== 'stopped' && state !== 'deleted')
      expectSuccess(await client.run('instances.stop', name, { force: true }));
  }
  client.connection.close();
  return seen;
}

/** One point: the case with a fault at its N-th call, then a new helper and the audit. */
export async function strike(
  stage: Stage,
  each: CrashCase,
  { pictures }: Course,
  { fault, point }: { readonly fault: Fault; readonly point: number },
): Promise<PointResult> {
  await begin(stage);
  const client = await stage.connect(each.by ?? mia);
  stage.injector.arm(fault, point);
  const outcome = await each.run({ client, stage }).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  client.close();
  const { struck } = stage.injector.disarm();
  const faults: string[] = [];
  if (fault !== 'kill') faults.push(...(await judge(stage, outcome, struck)));
  await stage.kill();
  faults.push(...(await recovered(stage, pictures)));
  return { point, struck, faults };
}

/** The same with a second death, at the M-th call of the next helper's start. */
export async function strikeTwice(
  stage: Stage,
  each: CrashCase,
  { pictures }: Course,
  { first, second }: { readonly first: number; readonly second: number },
): Promise<PointResult & { readonly isOver: boolean }> {
  await begin(stage);
  const client = await stage.connect(each.by ?? mia);
  stage.injector.arm('kill', first);
  await each.run({ client, stage }).catch(() => undefined); // it dies
  client.close();
  stage.injector.disarm();
  await stage.kill();
  stage.injector.arm('kill', second);
  const isOver = (await stage.start({ isStruck: true })) === 'serves';
  const { struck } = stage.injector.disarm();
  await stage.kill();
  return { point: first * 1000 + second, struck, faults: await recovered(stage, pictures), isOver };
}

/** The helper that found everything as it was before serves for the next point too. */
async function begin(stage: Stage): Promise<void> {
  if (stage.isUntouched) return;
  await stage.restore();
  await stage.start();
}

/** A helper that could not write lives on, says so in plain words, and shows what is. */
async function judge(
  stage: Stage,
  outcome: { readonly error: unknown } | undefined,
  struck: string,
): Promise<string[]> {
  if (stage.end !== undefined) return [`the helper ended: ${stage.end}`];
  if (outcome === undefined) return [];
  const code = codeOf(outcome.error);
  const isOfKernel = struck.startsWith('fork') || struck.includes(' /sys/fs/cgroup/'); // no disk, so no words of a disk
  return code !== undefined && (afterFault.has(code) || (isOfKernel && code !== 'internal.bug'))
    ? []
    : [`failed with ${String(code)}: ${String(outcome.error).slice(0, 300)}`];
}

/** Starts a helper on what is there; what is wrong with it, where one of the pictures is expected. */
export async function recovered(stage: Stage, pictures: readonly string[]): Promise<string[]> {
  stage.isUntouched = false;
  try {
    await stage.start();
    const client = await stage.connect();
    const seen = await picture(client);
    const faults = pictures.includes(seen) ? [] : [`neither before nor after: ${difference(seen, pictures)}`];
    faults.push(...(await audit(stage, client)), ...(await freeNames(client)));
    client.close();
    if (/ (?:running|starting|stopping)$/m.test(seen)) await withoutMachines(stage);
    stage.isUntouched = faults.length === 0 && seen === pictures[0];
    return faults;
  } catch (error) {
    if (!(error instanceof StartFault)) throw error;
    return [error.message];
  }
}

/** A name that nobody has can be used: a launch of it fails for its image, not for its name. */
async function freeNames(client: HelperConnection): Promise<string[]> {
  if ((await client.request('instances.list', {})).some(({ name }) => name === fresh)) return [];
  const { operationId } = await client
    .request('instances.launch', { name: fresh, image: 'nothing' as never, isAllowedWithoutAppArmor: true })
    .catch((error: unknown) => ({ operationId: String(error) }));
  if (!operationId.startsWith('op-')) return [`the name ${fresh} cannot be used: ${operationId}`];
  const { error } = await client.request('operations.wait', { id: operationId as never });
  return error?.code === 'image.not-found' ? [] : [`the name ${fresh} cannot be used: ${JSON.stringify(error)}`];
}

export async function look(stage: Stage): Promise<string> {
  const client = await stage.connect();
  try {
    return await picture(client);
  } finally {
    client.close();
  }
}

function difference(seen: string, pictures: readonly string[]): string {
  const lines = (text: string): string[] => text.split('\n');
  return pictures
    .map((each) =>
      lines(seen)
        .filter((line) => !lines(each).includes(line))
        .join(' '),
    )
    .join(' | ');
}
