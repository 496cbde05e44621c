// SPDX-License-Identifier: MIT
import path from 'node:path';
import { describeError } from '#contract/errors.ts';
import type { MountSummary } from '#contract/mounts.ts';
import type { CommandContext } from '../command-context.ts';
import { HelperCallError } from '../../client/helper-call-error.ts';
import type { IdPair } from '../option-values.ts';
import { splitGuestPath } from '../guest-path.ts';

export interface MountOptions {
  readonly readonly?: boolean | undefined;
  readonly uid?: readonly IdPair[] | undefined;
  readonly gid?: readonly IdPair[] | undefined;
  readonly type: 'auto' | 'sshfs' | 'virtiofs' | '9p';
  readonly notify?: boolean | undefined;
}

/** `berth mount`: gets a folder into an instance, now or when it runs next. Prints where in the guest it is. */
export async function mount(context: CommandContext, source: string, destination: string, options: MountOptions): Promise<void> {
  const { name, path: target } = splitGuestPath(destination);
  const connection = await context.connect();
  const added = await connection.request('mounts.add', {
    name, source: path.resolve(source), isReadOnly: options.readonly ?? false, type: options.type, isNotifying: options.notify ?? false, uidMaps: [...(options.uid ?? [])], gidMaps: [...(options.gid ?? [])],
    ...(target === undefined ? {} : { target }),
  });
  process.stdout.write(`${added.target}\n`);
  tell(added, name);
}

/** The mount is kept whatever happened, so a failure is told and is the exit code. */
function tell({ state, reason, transport, fallback }: MountSummary, name: string): void {
  if (state === 'connected' && fallback !== undefined) process.stderr.write(`By ${transport ?? 'another way'}. ${describeError(fallback).message}\n`);
  if (state === 'waiting') process.stderr.write(`It is mounted as soon as ${name} runs.\n`);
  if (state !== 'not-connected' || reason === undefined) return;
  process.stderr.write('The mount is noted with the instance and is tried again by itself.\n');
  throw new HelperCallError(reason);
}
