// SPDX-License-Identifier: MIT
// Runs inside the lab, as root, with the product's own code.
import { messageOf } from '../../../native-helper/core/errors.ts';
import { check } from './check.ts';
import { checkAdministrator } from './checks/administrator.ts';
import { checkConversions } from './checks/conversions.ts';
import { checkEvaluator } from './checks/evaluator.ts';
import { checkHelper } from './checks/helper.ts';
import { checkKernel } from './checks/kernel.ts';
import { checkMachine } from './checks/machine.ts';
import { checkNetwork } from './checks/network.ts';
import { checkShares } from './checks/shares.ts';

const core: readonly (readonly [string, () => Promise<void>])[] = [['kernel', checkKernel], ['machine', checkMachine], ['administrator', checkAdministrator], ['conversion', checkConversions]];
const full = [...core, ['evaluator', checkEvaluator], ['network', checkNetwork], ['share', checkShares], ['helper', checkHelper]] as const;

for (const [area, run] of process.argv[2] === 'core' ? core : full) {
  await run().catch((error: unknown) => { check(area, 'runs to its end', false, error instanceof Error ? (error.stack ?? messageOf(error)) : String(error)); });
}
process.exit(0);
