// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { InstanceClient } from '../../../support/instance-client.ts';
import { MountClient } from '../../../support/mount-client.ts';
import { check } from '../check.ts';
import { newDenials } from '../denials.ts';
import { loadedProfiles, processesIn } from '../labelled.ts';
import { until, WholeHelper } from '../whole-helper.ts';

const name = 'sharing';
/** A guest under emulation in a guest under emulation boots in one to three minutes. */
const bootSeconds = 420;
/** The guest is slow enough for a first attempt to be given up. */
const mountLimitMs = 300_000;
/** Each way to get a folder into a guest, and what its server's profile begins with. */
const ways = [
  { type: 'virtiofs', profile: `multipass.${name}.virtiofsd.` },
  { type: 'sshfs', profile: `multipass.${name}.share-server.` },
] as const;

/**
 * The whole helper in its own profile, a real guest in its machine's, and folders shared with it, their servers in
 * theirs.
 */
export async function checkSharedMachine(): Promise<void> {
  await newDenials();
  // KVM of the lab's emulated processor runs some boots and not others; what has it for its object is the area
  // `service`
  await using helper = await WholeHelper.start('/var/lib/sharing', { accelerator: 'tcg' });
  const connection = await helper.connect();
  const client = new InstanceClient(connection);
  const mounts = new MountClient(connection);
  const launched = await client.launch(name, { timeoutSeconds: bootSeconds });
  check('shared machine', 'boots in its profile, its helper in its own', launched.state === 'succeeded', {
    error: launched.error,
    printed: helper.printed.slice(-1000),
  });
  for (const way of ways) await checkWay(client, mounts, way);
  const stopped = await client.run('instances.stop', name, { force: true });
  const isOver = await until(async () => !(await loadedProfiles()).includes(`multipass.${name}.`));
  check(
    'shared machine',
    'at its end every profile of it is gone',
    stopped.state === 'succeeded' && isOver,
    await loadedProfiles(),
  );
  connection.close();
  const denied = await newDenials();
  check('shared machine', 'nothing was denied to anybody in all that', denied.length === 0, denied.join('\n'));
}

async function checkWay(
  client: InstanceClient,
  mounts: MountClient,
  { type, profile }: (typeof ways)[number],
): Promise<void> {
  const folder = `/home/mia/by ${type}`;
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/from-host`, 'host\n');
  await promisify(execFile)('chown', ['-R', '0:0', folder]);
  const target = `/mnt/${type}`;
  const added = await mounts.add(name, folder, { type, target, isNotifying: true });
  const mount = (
    await mounts.until(
      name,
      (list) => list.some((each) => each.target === target && each.state === 'connected'),
      mountLimitMs,
    )
  ).find((each) => each.target === target);
  check(
    'shared machine',
    `a folder is there by ${type}`,
    mount?.state === 'connected' && mount.transport === type && mount.overSsh === undefined,
    mount ?? added,
  );
  const servers = await processesIn(`${profile}${added.id}`);
  check(
    'shared machine',
    `its server is in its profile, enforcing (${type})`,
    servers.length === 1 && servers[0]?.label === `${profile}${added.id} (enforce)`,
    servers,
  );
  const answer = await client.exec(
    name,
    'sudo',
    'sh',
    '-c',
    `cat ${target}/from-host && mkdir ${target}/d && echo guest > ${target}/d/from-guest && mv ${target}/d/from-guest ${target}/d/moved && ln ${target}/d/moved ${target}/linked && ls ${target}/d`,
  );
  const written = await readFile(`${folder}/d/moved`, 'utf8').catch(String);
  check(
    'shared machine',
    `the guest reads, writes, makes, renames and links in it (${type})`,
    answer.exitCode === 0 &&
      answer.stdout === 'host\nmoved\n' &&
      written === 'guest\n' &&
      (await stat(`${folder}/linked`)).nlink === 2,
    { answer, written },
  );
  const left = await mounts.remove(name, target);
  const isGone = await until(
    async () =>
      (await processesIn(`${profile}${added.id}`)).length === 0 &&
      !(await loadedProfiles()).includes(`${profile}${added.id}`),
  );
  check(
    'shared machine',
    `unmounted, neither server nor profile is left (${type})`,
    isGone && left.every((each) => each.id !== added.id || each.target === target),
    left,
  );
}
