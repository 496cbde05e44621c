// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { chown, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { imageImportParams, imageSettings, type VaultImage } from '#contract/images.ts';
import { instanceName, macAddress, type InstanceName } from '#contract/names.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { hostArchitecture } from '../../native-helper/images/catalogue/host-architecture.ts';
import { generateSshKeyPair } from '../../native-helper/guest/keys.ts';
import { createOverlay } from '../../native-helper/images/vault/create-overlay.ts';
import { strictSettings } from '../../native-helper/instances/security/security-settings.ts';
import { Files } from '../../native-helper/store/files.ts';
import { expectSuccess } from '../support/expect-success.ts';
import { InstanceClient } from '../support/instance-client.ts';
import { mia } from '../support/people.ts';
import { ofThisProcess } from '../support/audit.ts';
import { sampleRecord } from '../support/sample-record.ts';
import type { Stage } from './stage.ts';

const images = path.resolve(import.meta.dirname, '../../.cache/images');
const named = (name: string): InstanceName => instanceName.parse(name);
export const kept = named('ck-kept');
export const binned = named('ck-binned');
export const granted = named('ck-granted');
export const mounted = named('ck-mounted');
export const fresh = named(ofThisProcess('ck-fresh'));
/** Of a denial that waits for a decision. */
export const denialId = 'd1d1d1d1d1d1';

const firstUid = 1_900_000_000;

/**
 * Makes the state that every point begins with: stopped instances on a real image, one of them in the bin, with grants,
 * mounts, an imported image.
 */
export async function makeState(stage: Stage): Promise<void> {
  await makeHome(stage);
  await stage.start({ args: ['--seed-images', images] });
  const client = await stage.connect();
  const [tiny] = await client.request('images.list', {});
  if (!tiny) throw new Error('the image tiny is not there: ./run setup builds it');
  // an image that is not there is looked for in each, at every point
  const remotes = await client.request('images.remotes', {});
  await client.request(
    'images.configure',
    imageSettings.parse({ disabled: [...new Set(remotes.map(({ name }) => name))] }),
  );
  await stage.kill();
  for (const [index, name] of [kept, binned, granted, mounted].entries())
    await writeInstance(stage, name, { tiny, index });
  await writeDenial(stage);
  await stage.start();
  await fill(stage, await stage.connect(mia));
  await stage.keep();
}

async function makeHome({ home }: Stage): Promise<void> {
  const script =
    'mkdir -m 755 "$1" && mkdir -m 700 "$1/mia" "$1/mia/deep" "$1/mia/folder" && cd "$1/mia" && echo secret > deep/given && echo more > deep/another && head -c 1M /dev/urandom > a.raw && cp a.raw b.raw && echo x >> b.raw && truncate -s 2M b.raw && chmod 600 deep/* && chown -R "$2" .';
  await promisify(execFile)('sh', ['-ec', script, 'sh', home, `${mia.uid}:${mia.gid}`]);
}

/** As a launch and a stop would have left it. */
async function writeInstance(
  stage: Stage,
  name: InstanceName,
  { tiny, index }: { readonly tiny: VaultImage; readonly index: number },
): Promise<void> {
  const state = new Files(stage.stateDirectory, stage.runDirectory);
  const files = state.instance(name);
  const uid = firstUid + index;
  const [keys, at] = [await generateSshKeyPair(name), new Date().toISOString()];
  const { fingerprint, title, os, release, defaultUser, architecture } = tiny;
  const record = {
    ...sampleRecord(name),
    revision: 3,
    id: randomBytes(4).toString('hex'),
    uuid: randomUUID(),
    mac: macAddress.parse(`52:54:00:00:00:0${index + 1}`),
    desired: 'stopped',
    createdAt: at,
    launchedAt: at,
    owner: { uid: mia.uid, gid: mia.gid },
    runAs: { uid, gid: uid },
    image: { fingerprint, title, os, release, defaultUser, architecture },
    hostKey: keys.publicKey,
    boots: [{ number: 1, startedAt: at, endedAt: at, phases: [] }],
    security: { ...strictSettings, isAllowedWithoutAppArmor: true },
  };
  await mkdir(files.consoles, { recursive: true, mode: 0o711 });
  await writeFile(files.record, JSON.stringify(record), { mode: 0o600 });
  await writeFile(files.secrets, JSON.stringify({ schema: 1, privateKey: keys.privateKey }), { mode: 0o600 });
  await createOverlay(
    {
      base: {
        image: { ...tiny, architecture: hostArchitecture },
        diskPath: state.image(fingerprint).disk,
        diskDigest: fingerprint,
      },
      path: files.disk,
      sizeBytes: record.diskBytes,
      owner: record.runAs,
    },
    AbortSignal.timeout(10_000),
  );
  await writeFile(files.seed, Buffer.alloc(2048), { mode: 0o600 });
  await chown(files.seed, uid, uid);
  const reservations = Array.from({ length: index + 1 }, (_, other) => ({
    mac: `52:54:00:00:00:0${other + 1}`,
    host: 100 + other,
  }));
  await writeFile(state.networkState, JSON.stringify({ schema: 1, revision: 1, reservations }), { mode: 0o600 });
}

async function writeDenial({ stateDirectory }: Stage): Promise<void> {
  const at = new Date().toISOString();
  const denial = {
    id: denialId,
    utility: 'qemu-system-x86_64',
    kind: 'file',
    operations: ['open'],
    subject: '/etc/hostname',
    access: 'r',
    outcome: 'refused',
    count: 1,
    firstAt: at,
    lastAt: at,
    isExact: true,
    details: {},
  };
  await writeFile(
    path.join(stateDirectory, 'instances', kept, 'denials.json'),
    JSON.stringify({ schema: 1, denials: [denial] }),
  );
}

async function fill({ home }: Stage, client: HelperConnection): Promise<void> {
  for (const name of [binned, granted])
    await client.request('instances.grant', { name, path: `${home}/mia/deep/given`, mode: 'r' });
  await client.request('mounts.add', { name: mounted, source: `${home}/mia/folder`, target: 'folder' });
  const instances = new InstanceClient(client);
  expectSuccess(await instances.run('instances.delete', binned));
  const { operationId } = await client.request(
    'images.import',
    imageImportParams.parse({ path: `${home}/mia/a.raw`, format: 'raw', alias: 'mine' }),
  );
  expectSuccess(await instances.wait(operationId));
}
