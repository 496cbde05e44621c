// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { macAddress } from '#contract/names.ts';
import { checkDocument, type DocumentReport } from '../../../native-helper/cloudinit/check/check-document.ts';
import { SeedWriter } from '../../../native-helper/cloudinit/seed.ts';
import { generateSshKeyPair, type SshKeyPair } from '../../../native-helper/guest/keys.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { runSeeds, type SeedOutcome, type SeedToRun } from '../../support/real-cloud-init.ts';
import { allDocuments } from './documents.ts';
import { fieldsOf, textOf, usersPart, type Added } from './outcome.ts';

/**
 * cloud-init's own code, as Debian packages it, on our seed of each document and on a plain one, and what came of both.
 */
const documents = await allDocuments();
const user = 'debian';
const instanceId = 'b1946ac9';
const instanceFiles = `/var/lib/cloud/instances/${instanceId}`;
/** Of our vendor data; the user's word stands before them. */
const defaults = new Set(['manage_etc_hosts', 'ssh_pwauth', 'ssh_keys', 'timezone']);

/**
 * Nothing comes of these either, but that is known when templates are filled in and addresses asked; or nothing was
 * asked for.
 */
const knownInTheGuestOnly = new Set(['jinja that fails', 'an include', 'nothing but a header']);

const reports = new Map<string, DocumentReport>();
const refusals = new Map<string, string>();
let keys: { readonly user: SshKeyPair; readonly host: SshKeyPair };
let directory: string;
let outcomes: ReadonlyMap<string, SeedOutcome>;
let added: Added;

beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'berth-seeds-'));
  keys = { user: await generateSshKeyPair('berth-otter'), host: await generateSshKeyPair('otter') };
  added = { user, keyBlob: keys.user.publicKey.split(' ')[1] ?? '' };
  const seeds: SeedToRun[] = [await plainSeed('without a document', '#cloud-config\n{}\n')];
  for (const [name, document] of documents) {
    seeds.push(await plainSeed(name, document));
    try {
      reports.set(name, checkDocument(document));
      seeds.push(await ourSeed(name, document));
    } catch (error) {
      refusals.set(name, error instanceof Error ? error.message : String(error));
    }
  }
  outcomes = await runSeeds(seeds, path.join(directory, 'root'));
}, 30 * 60_000);
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function plainSeed(name: string, document: Uint8Array | string): Promise<SeedToRun> {
  const seed = await seedDirectory(`plain ${name}`);
  await writeFile(path.join(seed, 'meta-data'), `instance-id: ${instanceId}\nlocal-hostname: otter\n`);
  await writeFile(path.join(seed, 'user-data'), document);
  return { name: `plain ${name}`, seed };
}

/** The very image that an instance gets, and what is in it. */
async function ourSeed(name: string, document: Buffer): Promise<SeedToRun> {
  const seed = await seedDirectory(`ours ${name}`);
  const image = path.join(directory, 'seed.iso');
  const identity = {
    hostName: 'otter',
    user,
    authorizedKey: keys.user.publicKey,
    hostKey: keys.host,
    timeZone: 'Europe/Paris',
  };
  const request = {
    identity,
    instanceId,
    mac: macAddress.parse('52:54:00:12:34:56'),
    userDocument: { bytes: document, report: reports.get(name)! },
  };
  const writer = new SeedWriter(new LocalProcessRunner(), path.join(directory, 'work'));
  await writer.write(request, image, { uid: 0, gid: 0 }, AbortSignal.timeout(60_000));
  await promisify(execFile)('xorriso', ['-osirrox', 'on', '-indev', image, '-extract', '/', seed]);
  return { name: `ours ${name}`, seed, waysIn: true };
}

async function seedDirectory(name: string): Promise<string> {
  const seed = path.join(directory, createHash('sha256').update(name).digest('hex').slice(0, 16));
  await mkdir(seed);
  return seed;
}

function outcomeOf(name: string): SeedOutcome {
  const outcome = outcomes.get(name);
  if (!outcome) throw new Error(`${name} was not run`);
  expect(outcome.error).toBeUndefined();
  return outcome;
}

test('there are at least sixty documents, all examples of the package among them', () => {
  expect(documents.size).toBeGreaterThanOrEqual(60);
  expect([...documents.keys()].filter((name) => name.startsWith('example')).length).toBeGreaterThan(30);
});

describe.each([...documents.keys()])('%s', (name) => {
  test('refused in words if cloud-init would make nothing of it, and only then', () => {
    const [plain, nothing] = [outcomeOf(`plain ${name}`), outcomeOf('plain without a document')];
    const isActedOn =
      JSON.stringify([plain.config, usersFiles(plain)]) !== JSON.stringify([nothing.config, usersFiles(nothing)]) ||
      isHandled(plain);
    const isTaken = isActedOn || knownInTheGuestOnly.has(name);
    expect({ isTaken, refusal: refusals.get(name) }).toEqual({
      isTaken,
      refusal: isTaken ? undefined : (expect.any(String) as string),
    });
  });

  test("the user's part is what a plain seed gives", () => {
    if (refusals.has(name)) return;
    const [plain, ours] = [outcomeOf(`plain ${name}`), outcomeOf(`ours ${name}`)];
    const isWrapped = reports.get(name)?.keepsVendorDataOut === true;
    if (!isWrapped)
      expect(ours.files[`${instanceFiles}/user-data.txt`]?.content).toBe(documents.get(name)?.toString('base64'));
    expect(ours.parts.filter((part) => part.name !== 'berth-way-in')).toEqual(plain.parts);
    expect(ours.failed).toEqual(plain.failed);
    const { ssh_keys: ourKeys, ...rest } = ours.config;
    const { ssh_keys: theirKeys, ...theirs } = plain.config;
    expect(Object.fromEntries(Object.entries(rest).filter(([key]) => key in theirs || !defaults.has(key)))).toEqual(
      theirs,
    );
    if (theirKeys !== undefined) expect(ourKeys).toMatchObject(theirKeys as object);
    const isAdded = {
      user: fieldsOf(plain, '/etc/passwd', user) === undefined,
      passwordSetting: !('ssh_pwauth' in theirs),
    };
    const [ourFiles, theirFiles] = [ours, plain].map((each) => withoutRaw(usersPart(each, added, isAdded)));
    // By name and alone first: a report that is cut short says which file it is all the same.
    for (const file of new Set([...Object.keys(ourFiles!), ...Object.keys(theirFiles!)]))
      expect(`${file}: ${ourFiles![file]}`).toBe(`${file}: ${theirFiles![file]}`);
  });

  test("Berth's user is there, with its key, and may log in", () => {
    if (refusals.has(name)) return;
    const ours = outcomeOf(`ours ${name}`);
    const [, , uid, , , home = '', shell = ''] = fieldsOf(ours, '/etc/passwd', user) ?? [];
    expect(shell).toMatch(/^\/bin\/(ba)?sh$/);
    const authorized = (textOf(ours, `${home}/.ssh/authorized_keys`) ?? '')
      .split('\n')
      .filter((line) => line.includes(added.keyBlob));
    expect(authorized).toEqual([keys.user.publicKey]);
    expect(ours.files[`${home}/.ssh/authorized_keys`]).toMatchObject({ mode: '0o600', uid: Number(uid) });
    const [, , changed, , , , , expires] = fieldsOf(ours, '/etc/shadow', user) ?? [];
    expect([changed === '0', expires]).toEqual([false, '']);
    const rules = ['/etc/sudoers.d/90-berth', '/etc/sudoers.d/90-cloud-init-users'].map(
      (file) => textOf(ours, file) ?? '',
    );
    expect(rules.join('\n')).toMatch(/^debian\s+ALL=/m);
  });

  test('the host key is the pinned one', () => {
    if (refusals.has(name)) return;
    const ours = outcomeOf(`ours ${name}`);
    expect(textOf(ours, '/etc/ssh/ssh_host_ed25519_key')?.trim()).toBe(keys.host.privateKey.trim());
    expect(textOf(ours, '/etc/ssh/ssh_host_ed25519_key.pub')?.trim()).toBe(keys.host.publicKey);
    expect(ours.files['/etc/ssh/ssh_host_ed25519_key']?.mode).toBe('0o600');
  });
});

/** Some kinds are acted on later only (scripts), or by others (handlers). */
function isHandled(outcome: SeedOutcome): boolean {
  return outcome.parts.some(
    ({ type }) => !['text/x-not-multipart', 'text/plain', 'text/cloud-config', 'text/jinja2'].includes(type),
  );
}

function usersFiles(outcome: SeedOutcome): Readonly<Record<string, string>> {
  return withoutRaw(usersPart(outcome, added, { user: false, passwordSetting: false }));
}

/** The document itself and its parts are compared above. */
function withoutRaw(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(files).filter(([name]) => !/\/(user-data\.txt|user-data\.txt\.i|cloud-config\.txt)$/.test(name)),
  );
}
