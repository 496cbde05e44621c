// SPDX-License-Identifier: MIT
// Runs inside the lab, as root, with the product's own code.
import { inspect } from 'node:util';
import { check } from './check.ts';
import { checkAdministrator } from './checks/administrator.ts';
import { checkConversions } from './checks/conversions.ts';
import { checkDenials } from './checks/denials.ts';
import { checkEvaluator } from './checks/evaluator.ts';
import { checkGrants } from './checks/grants.ts';
import { checkHelper } from './checks/helper.ts';
import { checkKernel } from './checks/kernel.ts';
import { checkMachine } from './checks/machine.ts';
import { checkNetwork } from './checks/network.ts';
import { checkServed } from './checks/served.ts';
import { checkRights, checkService, checkServiceLong } from './checks/service.ts';
import { checkSharedMachine } from './checks/shared-machine.ts';
import { checkShares } from './checks/shares.ts';
import { checkTakenOver } from './checks/taken-over.ts';
import { checkUninstall } from './checks/uninstall.ts';

const core: readonly (readonly [string, () => Promise<void>])[] = [
  ['kernel', checkKernel],
  ['machine', checkMachine],
  ['administrator', checkAdministrator],
  ['grants', checkGrants],
  ['conversion', checkConversions],
  ['denials', checkDenials],
  ['served', checkServed],
];
const full = [
  ...core,
  ['service', checkService],
  ['evaluator', checkEvaluator],
  ['network', checkNetwork],
  ['share', checkShares],
  ['taken', checkTakenOver],
  ['sharing', checkSharedMachine],
  ['helper', checkHelper],
  ['uninstall', checkUninstall],
  ['service-long', checkServiceLong],
] as const;
const alone = [['rights', checkRights]] as const;

const [, , set = 'core'] = process.argv;
const chosen =
  set === 'core' ? core : set === 'full' ? full : [...full, ...alone].filter(([area]) => set.split(',').includes(area));
for (const [area, run] of chosen) {
  await run().catch((error: unknown) => {
    check(area, 'runs to its end', false, inspect(error));
  });
}
process.exit(0);
