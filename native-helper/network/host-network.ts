// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { HelperError, messageOf } from '../core/errors.ts';
import type { ProcessRunner } from '../core/seams/processes.ts';
import { hostPrefixes, readResolvConf } from './host-prefixes.ts';
import type { LinkCommands } from './link-commands.ts';
import { readLinks, type LinkObservation, type NetworkMark } from './links.ts';
import { tablesOf } from './nftables.ts';
import type { RuleTexts } from './ruleset-walk.ts';
import { toSubnet, type Subnet } from './subnet.ts';

const timeoutMs = 15_000;

const nftTables = z.object({ nftables: z.array(z.object({ table: z.object({ name: z.string() }).optional() })) });
const addresses = z.array(
  z.object({
    addr_info: z.array(z.object({ local: z.string().optional(), prefixlen: z.int().optional() })).optional(),
  }),
);

const routed = z.array(z.object({ dev: z.string().optional() }));

/** The host's links, addresses and rules through ip(8) and nft(8). */
export class HostNetwork {
  readonly #runner: ProcessRunner;
  readonly #mark: NetworkMark;
  readonly #bridge: string;

  constructor(runner: ProcessRunner, mark: NetworkMark) {
    this.#runner = runner;
    this.#mark = mark;
    this.#bridge = mark.bridge;
  }

  /** `hasRunFiles` as {@link readLinks} has it. */
  async links(hasRunFiles: boolean, signal: AbortSignal): Promise<LinkObservation> {
    return readLinks(await this.#run('ip', ['-j', '-d', 'link', 'show'], signal), this.#mark, hasRunFiles);
  }

  /** The subnet our bridge has; undefined when it has none of our kind. */
  async bridgeSubnet(signal: AbortSignal): Promise<Subnet | undefined> {
    const output = await this.#run('ip', ['-j', '-4', 'addr', 'show', 'dev', this.#bridge], signal);
    const devices = addresses.parse(JSON.parse(output.trim() === '' ? '[]' : output));
    return devices
      .flatMap((device) => device.addr_info ?? [])
      .flatMap((info) => toSubnet(`${info.local ?? ''}/${info.prefixlen ?? 0}`) ?? [])[0];
  }

  /** Prefixes the host knows beside our own. */
  async usedPrefixes(signal: AbortSignal): Promise<readonly string[]> {
    const [routes, addressOutput, resolvConf] = await Promise.all([
      this.#run('ip', ['-j', '-4', 'route', 'show', 'table', 'all'], signal),
      this.#run('ip', ['-j', '-4', 'addr', 'show'], signal),
      readResolvConf(),
    ]);
    return hostPrefixes({ routes, addresses: addressOutput, resolvConf }, this.#bridge);
  }

  /**
   * All in one process, in order, ending at the first that fails. It takes some milliseconds and is not called off: a
   * device that was made and not marked yet would be taken for somebody else's for ever.
   */
  async apply(commands: LinkCommands): Promise<void> {
    if (commands.length > 0)
      await this.#run('ip', ['-batch', '-'], AbortSignal.timeout(timeoutMs), `${commands.join('\n')}\n`);
  }

  /** One transaction: all of it or nothing. */
  async applyRules(ruleset: string, signal: AbortSignal): Promise<void> {
    await this.#run('nft', ['-f', '-'], signal, ruleset);
  }

  async hasTables(signal: AbortSignal): Promise<boolean> {
    const { nftables } = nftTables.parse(JSON.parse(await this.#run('nft', ['-j', 'list', 'tables'], signal)));
    const own: readonly string[] = Object.values(tablesOf(this.#bridge));
    return nftables.some((each) => each.table !== undefined && own.includes(each.table.name));
  }

  /** What `ip -j` prints, as an object. */
  async askIp(args: readonly string[], signal: AbortSignal): Promise<unknown> {
    const output = await this.#run('ip', ['-j', ...args], signal);
    return JSON.parse(output.trim() === '' ? '[]' : output);
  }

  async hasLink(name: string, signal: AbortSignal): Promise<boolean> {
    return z
      .array(z.object({ ifname: z.string().optional() }))
      .parse(await this.askIp(['link', 'show'], signal))
      .some(({ ifname }) => ifname === name);
  }

  /** Whether our bridge has this very address, given with its prefix length. */
  async hasAddress(address: string, signal: AbortSignal): Promise<boolean> {
    const devices = addresses.parse(await this.askIp(['-4', 'addr', 'show', 'dev', this.#bridge], signal));
    return devices
      .flatMap((device) => device.addr_info ?? [])
      .some(({ local, prefixlen }) => `${local ?? ''}/${prefixlen ?? ''}` === address);
  }

  /**
   * By which device the kernel sends to an address now, all its tables and rules considered; undefined where it does
   * not.
   */
  async deviceTo(address: string, signal: AbortSignal): Promise<string | undefined> {
    try {
      return routed.parse(await this.askIp(['-4', 'route', 'get', address], signal))[0]?.dev;
    } catch (error) {
      signal.throwIfAborted();
      // ip(8) says "unreachable" by failing
      if (error instanceof HelperError && error.code === 'process.failed') return undefined;
      throw error;
    }
  }

  /** By which device the host reaches the world; undefined where it does not, or by several. */
  async upstream(signal: AbortSignal): Promise<string | undefined> {
    const found = routed.parse(await this.askIp(['-4', 'route', 'show', 'default'], signal));
    return found.length === 1 ? found[0]?.dev : undefined;
  }

  /** Values of sysctl(8), in the order asked for. */
  async settings(names: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    return (await this.#run('sysctl', ['-n', ...names], signal)).trim().split('\n');
  }

  /**
   * All rules, but no elements of sets: blocklists have hundreds of thousands. `legacyUnseen`: why iptables' old
   * tables, which are in use, cannot be looked at.
   */
  async rules(signal: AbortSignal): Promise<RuleTexts & { readonly legacyUnseen?: string }> {
    const [json, chains, legacy] = await Promise.all([
      this.#run('nft', ['--json', '--terse', 'list', 'ruleset'], signal),
      this.#run('nft', ['list', 'chains'], signal),
      this.#legacyRules(signal).catch((error: unknown) => error),
    ]);
    signal.throwIfAborted();
    return typeof legacy === 'string'
      ? { json, chains, legacy }
      : { json, chains, legacy: '', legacyUnseen: messageOf(legacy) };
  }

  /** The kernel names the old tables that are in use; where there are none, no program is needed to say so. */
  async #legacyRules(signal: AbortSignal): Promise<string> {
    const names = await readFile('/proc/net/ip_tables_names', 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''; // a kernel without them
      throw error;
    });
    return names.trim() === '' ? '' : await this.#run('iptables-legacy-save', [], signal);
  }

  async #run(
    program: 'ip' | 'nft' | 'sysctl' | 'iptables-legacy-save',
    args: readonly string[],
    signal: AbortSignal,
    input?: string,
  ): Promise<string> {
    const output = await this.#runner.run(
      { program, args, confinement: 'none-needed' },
      { signal, timeoutMs, ...(input === undefined ? {} : { input }) },
    );
    return output.stdout;
  }
}

/** What makes this host's choice of subnet its own (machine-id(5)). */
export async function hostSeed(): Promise<string> {
  // containers have none: all such hosts begin alike
  return (await readFile('/etc/machine-id', 'utf8').catch(() => '')).trim();
}
