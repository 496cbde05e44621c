// SPDX-License-Identifier: MIT
import { describeError, type HelperErrorData } from '#contract/errors.ts';
import { say } from '#messages/say.ts';
import { isCheckout } from './checkout.ts';

/** The way out of an error; a helper that is not reached may be one that `./run start` starts. */
export function wayOutOf(error: HelperErrorData, inCheckout = isCheckout): string {
  return error.code === 'helper.unreachable' && inCheckout()
    ? say('cli.helper.checkout-hint')
    : describeError(error).hint;
}
