// SPDX-License-Identifier: MIT
import { afterEach, beforeEach, expect, it } from 'vitest';
import { awaitCloudInit } from '../../native-helper/guest/cloud-init.ts';
import type { GuestConnections } from '../../native-helper/guest/guest-connections.ts';
import { HostileGuest, residentMebibytes, sshProcesses } from '../support/hostile-guest.ts';
import { localConnections } from '../support/local-connections.ts';

/** What a cancel may take, whatever the guest does; the issue says two seconds. */
const cancelMs = 2_000;
const soon = (): AbortSignal => AbortSignal.timeout(20_000);
const within = { timeout: 15_000, interval: 50 };

let connections: GuestConnections;
beforeEach(() => {
  connections = localConnections();
});
afterEach(async () => {
  await connections.close();
});

/**
 * 0: no greeting. 1, 2, 3: after greeting, offer, keys. Then: in the midst of being let in, a channel's opening, a
 * command's begin.
 */
it.each([0, 1, 2, 3, 5, 6, 7, 8])(
  'a guest that says %i things and falls silent keeps nobody who cancels',
  async (words) => {
    await using guest = await HostileGuest.start(`silent-${words}`);
    const cancelled = new AbortController();
    const waits = [
      awaitCloudInit(connections, guest.target, cancelled.signal),
      connections.files(guest.target, cancelled.signal),
    ];
    if (words === 0) waits.push(connections.greeting(guest.target, cancelled.signal) as never);
    const settled = Promise.allSettled(waits);
    await expect.poll(() => guest.count('silent'), within).toBeGreaterThan(0);
    const startedMs = performance.now();
    cancelled.abort();
    for (const result of await settled)
      expect(result).toMatchObject({ status: 'rejected', reason: { name: 'AbortError' } });
    expect(performance.now() - startedMs).toBeLessThan(cancelMs);
  },
);

it('a connection that nobody waits for any more is gone at once', async () => {
  await using guest = await HostileGuest.start('silent-2');
  const cancelled = new AbortController();
  const waiting = connections.exec(guest.target, ['true'], cancelled.signal);
  await expect.poll(() => guest.count('silent'), within).toBe(1);
  cancelled.abort();
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  await expect.poll(() => guest.count('disconnected'), within).toBe(1);
});

it('a guest that sends more than it was allowed loses the connection, and fills nothing', async () => {
  await using guest = await HostileGuest.start('oversteps');
  const before = await residentMebibytes('self');
  const child = await connections.exec(guest.target, ['pour'], soon()); // nobody reads
  let most = 0;
  const watch = setInterval(
    () =>
      void sshProcesses().then((all) => {
        most = Math.max(most, ...all.map((status) => Number.parseInt(status.get('VmRSS') ?? '0', 10) / 1024));
      }),
    100,
  );
  await child.ended;
  clearInterval(watch);
  await expect.poll(() => guest.count('disconnected'), within).toBe(1);
  expect(most).toBeLessThan(300);
  expect((await residentMebibytes('self')) - before).toBeLessThan(100);
});

it('the output of a command whose client is gone stops, and others go on over the same connection', async () => {
  await using guest = await HostileGuest.start('endless');
  for (let count = 0; count < 5; count += 1) (await connections.exec(guest.target, ['pour'], soon())).close();
  await expect.poll(() => guest.count('closed'), within).toBe(5);
  expect(await connections.output(guest.target, ['true'], soon())).toMatchObject({ exitCode: 0 });
  expect(guest.count('connected')).toBe(1);
  await expect(connections.output(guest.target, ['pour'], soon())).rejects.toMatchObject({ code: 'guest.ssh-failed' });
  await expect.poll(() => guest.count('closed'), within).toBe(7);
});

it('a guest that refuses channels is left no connection for each', async () => {
  await using guest = await HostileGuest.start('refuses-channels');
  for (let count = 0; count < 10; count += 1)
    await expect(connections.exec(guest.target, ['true'], soon())).rejects.toMatchObject({ code: 'guest.ssh-failed' });
  await expect.poll(() => guest.count('connected') - guest.count('disconnected'), within).toBeLessThanOrEqual(1);
});

it.each(['group-exchange', 'zlib', 'endless-greeting'])('what a guest offers is not taken: %s', async (behaviour) => {
  await using guest = await HostileGuest.start(behaviour);
  await expect(connections.exec(guest.target, ['true'], soon())).rejects.toMatchObject({ code: 'guest.ssh-failed' });
  await expect.poll(() => guest.count('connected') - guest.count('disconnected'), within).toBe(0);
});

it('SSH is spoken by a user without rights, and its end is the end of all that went through it', async () => {
  await using guest = await HostileGuest.start('endless');
  const child = await connections.exec(guest.target, ['sleep'], soon());
  const [status, ...others] = await sshProcesses();
  expect(others).toEqual([]);
  for (const set of ['CapEff', 'CapPrm', 'CapInh', 'CapAmb'])
    expect(Number.parseInt(status?.get(set) ?? '1', 16)).toBe(0);
  expect(status?.get('NoNewPrivs')).toBe('1');
  expect(status?.get('Groups')).toBe('');
  process.kill(Number(status?.get('Pid')), 'SIGKILL');
  expect(await child.ended).toEqual({});
  await expect.poll(async () => (await sshProcesses()).length, within).toBe(0);
  // another takes its place
  expect(await connections.output(guest.target, ['true'], soon())).toMatchObject({ exitCode: 0 });
});
