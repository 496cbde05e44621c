// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { attachment, NetworkLab, soon } from '../../../integration/network/lab.ts';
import { TapGuest } from '../../../support/tap-guest.ts';
import { check } from '../check.ts';
import { newDenials } from '../denials.ts';

/** The product's own network: dnsmasq in its profile gives a lease through bridge and tap, and its script notes it. */
export async function checkNetwork(): Promise<void> {
  await newDenials();
  await using lab = await NetworkLab.create();
  const network = lab.network();
  await network.reconcile([], soon());
  const first = attachment(1);
  const tap = await network.attach(first, soon());
  const [pid = 0] = await lab.dnsmasqPids();
  const label = (await readFile(`/proc/${pid}/attr/apparmor/current`, 'utf8')).trim();
  check('network', 'dnsmasq runs in its profile, enforcing', label === 'multipass.dnsmasq (enforce)', label);
  const user = /^Uid:\t(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  check('network', 'and not as root', user !== '0', user);
  const leased = Promise.withResolvers<string | undefined>();
  network.onLease((_, lease) => leased.resolve(lease?.address));
  {
    await using guest = await TapGuest.start(tap, first);
    const { address, router } = await guest.dhcp();
    check('network', 'a guest gets its address', /^\d+\.\d+\.\d+\.\d+$/.test(address) && router !== '', address);
    const noted = await Promise.race([
      leased.promise,
      new Promise<undefined>((resolve) => {
        setTimeout(resolve, 10_000);
      }),
    ]);
    check(
      'network',
      'the helper learns of it from the script in the child profile',
      noted === address,
      noted ?? 'nothing within 10 s',
    );
    check('network', 'the gateway answers', await guest.canPing(router));
  }
  const denials = await newDenials();
  check('network', 'nothing of that was denied', denials.length === 0, denials.join('\n'));
  await network.detach(tap.name);
  check(
    'network',
    'its profile goes with it',
    !(await readFile('/sys/kernel/security/apparmor/profiles', 'utf8')).includes('multipass.dnsmasq'),
  );
}
