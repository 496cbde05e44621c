// SPDX-License-Identifier: MIT
import { setImmediate } from 'node:timers/promises';
import { asFields, text, type Fields } from './nft-json.ts';
import { legacyChains } from './legacy-rules.ts';
import { matches, readSet, sizeOf, type Layer, type Match, type Packet } from './packet-match.ts';
import { chainsOf, keyOf, type Chain, type Rule } from './rule-chains.ts';

/** A base chain that drops a packet. */
export interface DroppingChain {
  /** `legacy` for iptables' old tables. */
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly hook: string;
  /** The rule's number in it or in a chain that it jumps to; undefined where it is the chain's policy. */
  readonly rule?: { readonly chain: string; readonly handle: number } | undefined;
  /** False where an earlier rule, which asks for what is not known here, may let it pass. */
  readonly isCertain: boolean;
}

/** The rule that a packet is at. */
interface Place {
  readonly chain: Chain;
  readonly handle: number;
  readonly depth: number;
}
type End =
  | { readonly verdict: 'accept' }
  | { readonly verdict: 'drop'; readonly chain: string; readonly handle: number };

/** The kernel's own limit (NFT_JUMP_STACK_SIZE). */
const deepest = 16;
/**
 * Comparisons of a packet with a value, of all questions to one ruleset: chains may be reached by more ways than there
 * is time for, and rules may hold more addresses. A second's work at most.
 */
const mostSteps = 20_000_000;
/** Of one packet's way through one base chain, in which the helper does nothing else. */
const mostStepsAtOnce = 1_000_000;
/** After so many others have their turn. */
const stepsToRest = 100_000;
/** A rule's expression costs as much as so many values of a set, which are read before. */
const expressionSteps = 8;
/** A value that is read anew for each packet costs as much as so many that are not. */
const unreadSteps = 20;

/** Which families of tables have a say where a packet is. */
const families: Readonly<Record<Layer, readonly string[]>> = {
  device: ['netdev', 'inet'],
  bridge: ['bridge'],
  arp: ['arp'],
  ip: ['ip', 'inet', 'legacy'],
};

/** What the programs print that rules are listed with. */
export interface RuleTexts {
  /** `nft --json --terse list ruleset` */
  readonly json: string;
  /** `nft list chains` */
  readonly chains: string;
  /** `iptables-legacy-save`; empty where its tables are not in use. */
  readonly legacy: string;
}

/** Rules of nft and of iptables' old tables, through which packets are taken as the kernel would take them. */
export class Ruleset {
  readonly #chains: Map<string, Chain>;
  readonly #bases: readonly Chain[];
  #left = mostSteps;
  #sinceRest = 0;
  #isExhausted = false;
  #areSetsRead = false;

  /** Throws on what is not nft's JSON. */
  constructor({ json, chains, legacy }: RuleTexts) {
    this.#chains = chainsOf(json, chains);
    for (const chain of legacyChains(legacy)) this.#chains.set(keyOf(chain), chain);
    this.#bases = [...this.#chains.values()].filter(({ hook }) => hook !== undefined);
  }

  /** Whether a packet's way was not followed to its end: what was found is true, and there may be more. */
  get isExhausted(): boolean {
    return this.#isExhausted;
  }

  /** Whether the chain is there and has a rule. */
  hasRules(family: string, table: string, chain: string): boolean {
    return (this.#chains.get(keyOf({ family, table, name: chain }))?.rules.length ?? 0) > 0;
  }

  hasChain(family: string, table: string, chain: string): boolean {
    return this.#chains.has(keyOf({ family, table, name: chain }));
  }

  /**
   * The base chains, but those of the tables `own` (`inet berth`), that drop a packet. An accept in one of them
   * overrides no drop in another. What takes long is done in parts, between which others have their turn.
   */
  async dropping(packet: Packet, own: readonly string[], signal: AbortSignal): Promise<readonly DroppingChain[]> {
    if (!this.#areSetsRead) await this.#readSets(signal);
    const found: DroppingChain[] = [];
    for (const chain of this.#bases) {
      if (!isPassed(chain, packet) || own.includes(`${chain.family} ${chain.table}`)) continue;
      found.push(...this.#droppedBy(chain, packet));
      await this.#rest(signal);
    }
    return found;
  }

  async #readSets(signal: AbortSignal): Promise<void> {
    for (const { expressions } of [...this.#chains.values()].flatMap(({ rules }) => rules)) {
      for (const expression of expressions) {
        const [kind, value] = nameAndValue(expression);
        const steps = unreadSteps * (sizeOf(kind, value) - 1);
        this.#left -= steps;
        this.#sinceRest += steps;
        if (this.#left >= 0) readSet(kind, value);
      }
      await this.#rest(signal);
    }
    this.#areSetsRead = true;
  }

  async #rest(signal: AbortSignal): Promise<void> {
    if (this.#sinceRest < stepsToRest) return;
    this.#sinceRest = 0;
    await setImmediate();
    signal.throwIfAborted();
  }

  #droppedBy(chain: Chain, packet: Packet): readonly DroppingChain[] {
    const steps = { left: Math.min(this.#left, mostStepsAtOnce) };
    const before = steps.left;
    const walk = new Walk(this.#chains, packet, steps);
    const end = walk.through(chain, 0);
    this.#left -= before - steps.left;
    this.#sinceRest += before - steps.left;
    if (steps.left < 0) {
      this.#isExhausted = true;
      return [];
    }
    const isDropped = end === undefined ? chain.policy === 'drop' : end.verdict === 'drop';
    if (!isDropped) return [];
    const rule = end?.verdict === 'drop' ? { chain: end.chain, handle: end.handle } : undefined;
    const { family, table, name, hook = '' } = chain;
    return [{ family, table, chain: name, hook, rule, isCertain: !walk.isDoubtful }];
  }
}

/** Chains that translate addresses see a connection's first packet alone (nft(8), CHAIN TYPES). */
function isPassed({ family, hook, type, devices }: Chain, { layer, hook: at, device, connection }: Packet): boolean {
  if (hook !== at || !families[layer].includes(family)) return false;
  if (layer === 'device') return device !== undefined && devices.includes(device);
  return type !== 'nat' || connection !== 'established';
}

/** One packet on its way through one base chain. */
class Walk {
  /** A rule that may match lets it pass, or leads away from the rules behind it. */
  isDoubtful = false;
  readonly #chains: ReadonlyMap<string, Chain>;
  readonly #packet: Packet;
  readonly #steps: { left: number };

  constructor(chains: ReadonlyMap<string, Chain>, packet: Packet, steps: { left: number }) {
    this.#chains = chains;
    this.#packet = packet;
    this.#steps = steps;
  }

  /** Undefined where it comes out at the chain's end. */
  through(chain: Chain, depth: number): End | undefined {
    for (const rule of chain.rules) {
      this.#steps.left -= expressionSteps;
      if (this.#steps.left < 0 || depth > deepest) {
        this.isDoubtful = true;
        return undefined;
      }
      const end = this.#rule(chain, rule, depth);
      if (end === 'leave') return undefined;
      if (end !== undefined) return end;
    }
    return undefined;
  }

  #rule(chain: Chain, { handle, expressions }: Rule, depth: number): End | 'leave' | undefined {
    let match: Match = 'yes';
    for (const expression of expressions) {
      const [kind, value] = nameAndValue(expression);
      this.#steps.left -= expressionSteps + sizeOf(kind, value) * (kind === 'vmap' ? unreadSteps : 1);
      if (this.#steps.left < 0) return undefined;
      const verdict = verdictOf(kind, value, this.#packet);
      if (verdict !== undefined) return this.#follow(verdict, match, { chain, handle, depth });
      const found = matches(kind, value, this.#packet);
      if (found === 'no') return undefined;
      if (found === 'maybe') match = 'maybe';
    }
    return undefined;
  }

  #follow(verdict: Verdict, match: Match, at: Place): End | 'leave' | undefined {
    if (verdict.kind === 'unknown') {
      this.isDoubtful = true;
      return undefined;
    }
    if (verdict.kind === 'none') return undefined;
    if (verdict.kind === 'drop')
      return match === 'yes' ? { verdict: 'drop', chain: at.chain.name, handle: at.handle } : undefined;
    if (match === 'maybe') return this.#mayFollow(verdict, at);
    if (verdict.kind === 'accept') return { verdict: 'accept' };
    if (verdict.kind === 'return') return 'leave';
    const end = this.#throughTarget(verdict.target, at);
    return end ?? (verdict.kind === 'goto' ? 'leave' : undefined);
  }

  /** Of what only may happen, an accept makes a later drop doubtful, and a drop is not held against the packet. */
  #mayFollow(verdict: Verdict, at: Place): undefined {
    if (verdict.kind !== 'jump') {
      this.isDoubtful = true;
      return undefined;
    }
    if (this.#throughTarget(verdict.target, at)?.verdict === 'accept') this.isDoubtful = true;
    return undefined;
  }

  /** Through the chain of that name in the same table; undefined where there is none, too. */
  #throughTarget(name: string | undefined, { chain: { family, table }, depth }: Place): End | undefined {
    const target = name === undefined ? undefined : this.#chains.get(keyOf({ family, table, name }));
    return target && this.through(target, depth + 1);
  }
}

type Simple = 'accept' | 'drop' | 'return' | 'none' | 'unknown';
type Verdict =
  | { readonly kind: Simple; readonly target?: undefined }
  | { readonly kind: 'jump' | 'goto'; readonly target: string };

/** What an expression does with the packet; undefined where it is none that ends a rule. */
function verdictOf(kind: string, value: unknown, packet: Packet): Verdict | undefined {
  switch (kind) {
    case 'accept':
    case 'drop':
    case 'return':
      return { kind };
    case 'reject':
      return { kind: 'drop' };
    // a new address ends the chain, not the packet
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
      return { kind: 'accept' };
    case 'jump':
    case 'goto':
      return { kind, target: text(asFields(value)['target']) };
    case 'queue':
      return { kind: 'unknown' };
    // iptables' own: its REJECT ends a packet, and what its other targets do is no drop
    case 'xt': {
      const { type, name } = asFields(value);
      return type === 'target' && name === 'REJECT' ? { kind: 'drop' } : undefined;
    }
    case 'vmap':
      return mappedVerdict(asFields(value), packet);
    default:
      return undefined;
  }
}

function mappedVerdict({ key, data }: Fields, packet: Packet): Verdict {
  const pairs = asFields(data)['set'];
  if (!Array.isArray(pairs)) return { kind: 'unknown' };
  let isOpen = false;
  for (const pair of pairs) {
    const [value, verdict] = Array.isArray(pair) ? (pair as unknown[]) : [];
    const found = matches('match', { op: '==', left: key, right: value }, packet);
    if (found === 'yes') {
      const [kind, target] = nameAndValue(verdict);
      return verdictOf(kind, target, packet) ?? { kind: 'none' };
    }
    if (found === 'maybe') isOpen = true;
  }
  return { kind: isOpen ? 'unknown' : 'none' };
}

function nameAndValue(expression: unknown): readonly [string, unknown] {
  return Object.entries(asFields(expression))[0] ?? ['', undefined];
}
