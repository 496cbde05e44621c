// SPDX-License-Identifier: MIT
import { isUtf8 } from 'node:buffer';
import type { Duplex } from 'node:stream';
import type { InstanceName } from '#contract/names.ts';
import type { GuestEntry, GuestFolder } from '#contract/transfers.ts';
import { say } from '#messages/say.ts';
import {
  baseName,
  isPlainName,
  joinPath,
  parentOf,
  pathOfText,
  plainName,
  textOfPath,
} from '../../client/transfer/byte-path.ts';
import type { FileFacts, FileTree } from '../../client/transfer/file-tree.ts';
import { explainFailure } from '../../client/transfer/explain.ts';
import { openGuestFiles } from '../../client/transfer/open-guest-files.ts';
import { LinkError } from './error-data.ts';

const answerLimitMs = 20_000;
/** More rows than anybody looks through. */
const mostEntries = 5_000;
/** Links whose end is looked at, to tell those that lead to folders. */
const mostFollowed = 200;

interface ListOptions {
  readonly name: InstanceName;
  /** Absolute or below the home. One of a file means its folder, with the file chosen. */
  readonly folder: string;
  readonly openSftp: (name: InstanceName, signal: AbortSignal) => Promise<Duplex>;
}

/** What is in a folder of a guest. Rejects with the helper's error, or guest.no-folder. */
export async function listGuestFolder({ name, folder, openSftp }: ListOptions): Promise<GuestFolder> {
  const signal = AbortSignal.timeout(answerLimitMs);
  using guest = await openGuestFiles(await openSftp(name, signal), signal);
  try {
    return await list(guest.files, pathOfText(folder.replace(/^~(?:\/+|$)/, '') || '.'));
  } catch (error) {
    throw new LinkError('guest.no-folder', { path: folder, reason: explainFailure(error) });
  }
}

async function list(files: FileTree, asked: Buffer): Promise<GuestFolder> {
  const facts = await files.look(asked, true);
  if (facts === undefined) throw new Error(say('client.copy.no-such-file'));
  const real = await files.realPath(asked);
  const path = facts.kind === 'folder' ? real : parentOf(real);
  // anything else would name a thing elsewhere
  const found = (await files.list(path)).filter(({ name }) => isPlainName(name));
  const followed = new Set(found.filter(({ facts: { kind } }) => kind === 'link').slice(0, mostFollowed));
  const entries = await Promise.all(
    found.slice(0, mostEntries).map(async (each) => {
      const end = followed.has(each)
        ? await files.look(joinPath(path, each.name), true).catch(() => undefined)
        : undefined; // one that leads nowhere is shown all the same
      return entryOf(each.name, each.facts, end);
    }),
  );
  return {
    folder: textOfPath(path),
    entries: entries.sort(byKindThenName),
    hidden: Math.max(0, found.length - mostEntries),
    ...(facts.kind === 'folder' ? {} : { chosen: textOfPath(plainName(baseName(real))) }),
  };
}

function entryOf(name: Buffer, facts: FileFacts, end: FileFacts | undefined): GuestEntry {
  const { kind, bytes, modifiedAt } = facts;
  return {
    name: textOfPath(name),
    kind,
    isFolder: (end ?? facts).kind === 'folder',
    bytes: end?.bytes ?? bytes,
    modifiedAt: modifiedAt * 1000,
    isNamed: isUtf8(name),
  };
}

function byKindThenName(a: GuestEntry, b: GuestEntry): number {
  return Number(b.isFolder) - Number(a.isFolder) || a.name.localeCompare(b.name, 'en', { numeric: true });
}
