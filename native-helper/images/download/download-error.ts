// SPDX-License-Identifier: MIT
import { HelperError } from '../../core/errors.ts';
import { shownProxy, type NetworkEnvironment } from './proxies.ts';
import { TransferFault } from './transfer-fault.ts';

/** A failed transfer as an error with a code; anything else as it is. */
export function toDownloadError(error: unknown, url: string, network: NetworkEnvironment): unknown {
  if (!(error instanceof TransferFault)) return error;
  const { kind, reason } = error;
  const options = { cause: error };
  if (error.isOfProxy) return new HelperError('network.proxy-failed', { proxy: shownProxy(network), reason }, options);
  switch (kind) {
    case 'refused':
      return new HelperError('image.download-refused', { url, reason }, options);
    case 'passing':
    case 'final':
    case 'proxy':
      return new HelperError('image.download-failed', { url, reason }, options);
    default:
      throw new HelperError('internal.bug', { reason: kind satisfies never });
  }
}

/** Whether the server has no such file, which may say nothing of its others. */
export function isNotThere(error: unknown): error is HelperError {
  return (
    error instanceof HelperError &&
    error.code === 'image.download-failed' &&
    /answered (?:403|404|410)/.test(String(error.params.reason))
  );
}
