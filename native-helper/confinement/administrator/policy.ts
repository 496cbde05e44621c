// SPDX-License-Identifier: MIT
import { isIPv4, isIPv6 } from 'node:net';
import path from 'node:path';
import { sentence } from '#messages/say.ts';
import { reasonFrom, SaidError } from '../../core/said-error.ts';
import { parseConf, type ConfValue } from './conf-syntax.ts';
import { readTrustedFile, refused } from './trusted-file.ts';

/** What the administrator decided on what Berth does, beyond how machines are confined. */
export interface AdministratorsPolicy extends ImagePolicy {
  /** Whether instances that ran when the computer went off are started when it is on again. */
  readonly startsAgain: boolean;
}

/** What the administrator lets users other than root have Berth do for them. */
export interface ImagePolicy {
  /** Networks besides the public ones that users' image URLs may lead to, as ADDRESS/BITS. */
  readonly networks: readonly string[];
  /** Whether users' image URLs are fetched through the proxy, which looks up names by itself. */
  readonly usesProxy: boolean;
}

const standard: AdministratorsPolicy = { networks: [], usesProxy: true, startsAgain: true };

/** The administrator's policy.conf; read each time, because it may change while the helper runs. */
export class Policy {
  readonly file: string;

  constructor(configDirectory: string) {
    this.file = path.join(configDirectory, 'policy.conf');
  }

  /** @throws HelperError confinement.administrator-file: what the administrator forbade is not known then */
  async read(): Promise<AdministratorsPolicy> {
    const text = await readTrustedFile(this.file);
    try {
      return text === undefined ? standard : parsePolicy(text);
    } catch (error) {
      throw refused(this.file, reasonFrom(error));
    }
  }
}

/**
 * Reads the text of policy.conf, in the syntax of security.conf. A name that is not known is an error.
 *
 * @throws Error that names the line
 */
export function parsePolicy(text: string): AdministratorsPolicy {
  return [...parseConf(text)].reduce<AdministratorsPolicy>((policy, [name, { value, line }]) => {
    try {
      return { ...policy, ...apply(name, value) };
    } catch (error) {
      throw new SaidError(sentence('security.line-setting', { line, name, reason: reasonFrom(error) }), {
        cause: error,
      });
    }
  }, standard);
}

function apply(name: string, value: ConfValue): Partial<AdministratorsPolicy> {
  switch (name) {
    case 'image_networks':
      return { networks: networksOf(value) };
    case 'image_urls_by_proxy':
      return { usesProxy: isYes(value) };
    case 'start_again':
      return { startsAgain: isYes(value) };
    default:
      throw new SaidError(sentence('security.no-such-setting'));
  }
}

function isYes(value: ConfValue): boolean {
  if (value !== 0 && value !== 1) throw new SaidError(sentence('security.zero-or-one'));
  return value === 1;
}

function networksOf(value: ConfValue): readonly string[] {
  if (typeof value !== 'object') throw new SaidError(sentence('security.list-needed'));
  const strange = value.find((network) => !isNetwork(network));
  if (strange !== undefined) throw new SaidError(sentence('security.no-network', { strange }));
  return value;
}

function isNetwork(text: string): boolean {
  const [address = '', bits = ''] = text.split('/');
  const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= most;
}
