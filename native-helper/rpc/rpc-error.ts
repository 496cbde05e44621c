// SPDX-License-Identifier: MIT
import { ResponseError } from 'vscode-jsonrpc/node';
import { rpcErrorCode, type HelperErrorData } from '#contract/errors.ts';
import { toErrorData, type HelperError } from '../core/errors.ts';

/** The JSON-RPC form of an error: one code for all, the stable one in `data`. */
export function toRpcError(error: HelperError): ResponseError<HelperErrorData> {
  return new ResponseError(rpcErrorCode, error.message, toErrorData(error));
}

/** A message that says why a connection is closed before it began. */
export function lastWord(error: HelperError): string {
  const text = JSON.stringify({ jsonrpc: '2.0', id: null, error: toRpcError(error).toJson() });
  return `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}
