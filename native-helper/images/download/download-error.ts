// SPDX-License-Identifier: MIT
import { HelperError } from '../../core/errors.ts';
import { TransferFault, type NetworkEnvironment } from './network-process.ts';

/** A failed transfer as an error with a code; anything else as it is. */
export function toDownloadError(error: unknown, url: string, network: NetworkEnvironment): unknown {
  if (!(error instanceof TransferFault)) return error;
  const { kind, message: reason } = error;
  const options = { cause: error };
  switch (kind) {
    case 'proxy': return new HelperError('network.proxy-failed', { proxy: withoutPassword(network.proxy), reason }, options);
    case 'refused': return new HelperError('image.download-refused', { url, reason }, options);
    case 'passing': case 'final': return new HelperError('image.download-failed', { url, reason }, options);
    default: throw new HelperError('internal.bug', { reason: kind satisfies never });
  }
}

/** Whether the server has no such file, which may say nothing of its others. */
export function isNotThere(error: unknown): error is HelperError {
  return error instanceof HelperError && error.code === 'image.download-failed' && /answered (?:403|404|410)/.test(String(error.params.reason));
}

function withoutPassword(proxy: string | undefined): string {
  const url = URL.parse(proxy ?? process.env.HTTPS_PROXY ?? process.env.https_proxy ?? '');
  return url === null ? 'of the environment' : `${url.protocol}//${url.host}`;
}
