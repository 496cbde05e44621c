// SPDX-License-Identifier: MIT
import { HelperLife } from '../helper-life.ts';

const area = 'service';
/** Short enough for each run of the tests: what every start, end and share of a helper needs. */
export async function checkService(): Promise<void> {
  await using life = await HelperLife.begin(area, '/var/lib/service');
  await life.examine();
  await life.launch();
  await life.share('virtiofs');
  await life.restart('SIGKILL');
  await life.restart('SIGTERM');
  await life.work();
  await life.stop();
  await life.uninstall();
}

/** All that a helper does for its users, in its profile. */
export async function checkServiceLong(): Promise<void> {
  await using life = await HelperLife.begin('service in full', '/var/lib/service-long');
  await everything(life);
}

/**
 * The same with the helper's profile in complain mode: prints each right that the enforced one would refuse. Not a part
 * of the full set, which has the profile enforced; `BERTH_LAB_SET=rights` runs it, BERTH_LAB_VERBOSE=1 shows the
 * kernel's lines.
 */
export async function checkRights(): Promise<void> {
  await using life = await HelperLife.begin('rights', '/var/lib/rights', { isComplaining: true });
  await everything(life);
}

async function everything(life: HelperLife): Promise<void> {
  await life.examine();
  await life.useImages();
  await life.launch();
  await life.share('virtiofs');
  await life.share('sshfs');
  await life.work();
  await life.grant();
  await life.transfer();
  await life.restart('SIGKILL');
  await life.restart('SIGTERM');
  await life.work();
  await life.loosen();
  await life.stop();
  await life.start();
  await life.binAndBack();
  await life.uninstall();
}
