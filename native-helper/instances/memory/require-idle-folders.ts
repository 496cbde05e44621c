// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import { foreignWords } from '../../core/foreign-words.ts';
import { isBelow } from '../../core/is-below.ts';
import { askGuest, type AskServices } from '../instance/ask-guest.ts';
import type { Instance } from '../instance/instance.ts';

/** For an emulated guest with some hundred processes, on a busy computer. */
const answerLimitMs = 30_000;

/** proc(5): what every process stands in and has open, as far as it may lie below one of the folders. */
const look =
  'for folder do ls -ldn /proc/[0-9]*/cwd /proc/[0-9]*/fd/* 2> /dev/null | grep -F -e "-> $folder" | head -n 100; done; true';

/**
 * No program of the guest may stand in a shared folder or have one of its files open: a folder that is in use is torn
 * off, and what its program writes after the suspend would go nowhere, without a word.
 *
 * @throws HelperError instance.not-suspendable
 */
export async function requireIdleFolders(
  services: AskServices,
  instance: Instance,
  signal: AbortSignal,
): Promise<void> {
  const folders = (instance.record.mounts ?? []).map(({ target }) => target);
  if (folders.length === 0) return;
  const used = folderInUse(await listing(services, instance, folders, signal), folders);
  if (used !== undefined)
    throw new HelperError('instance.not-suspendable', {
      name: instance.name,
      reason: sentence('saved.folder-in-use', { target: foreignWords(used.folder), pid: used.pid }),
    });
}

/** @throws HelperError instance.not-suspendable where the guest does not tell */
async function listing(
  services: AskServices,
  instance: Instance,
  folders: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  try {
    const command = ['sudo', '-n', 'sh', '-c', look, 'sh', ...folders];
    const told = await askGuest(services, instance, command, { signal, limitMs: answerLimitMs });
    if (told.exitCode !== 0) throw new HelperError('guest.ssh-failed', { reason: foreignWords(told.stderr) });
    return told.stdout;
  } catch (error) {
    signal.throwIfAborted();
    const reason = sentence('saved.folders-unknown');
    throw new HelperError('instance.not-suspendable', { name: instance.name, reason }, { cause: error });
  }
}

/** Of what {@link look} prints: the first folder that a process uses, and which. */
export function folderInUse(
  listing: string,
  folders: readonly string[],
): { readonly folder: string; readonly pid: string } | undefined {
  for (const line of listing.split('\n')) {
    const [, pid, place = ''] = / \/proc\/(\d+)\/(?:cwd|fd\/\d+) -> (.*)$/.exec(line) ?? [];
    const folder = folders.find((each) => isBelow(place, each));
    if (pid !== undefined && folder !== undefined) return { folder, pid };
  }
  return undefined;
}
