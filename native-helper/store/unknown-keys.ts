// SPDX-License-Identifier: MIT

/**
 * What tells an object of a document from another that comes to its place, by the path to it; lists are passed by
 * without a word, `*` is any key. Keys whose values say which it is, or `whole`: one whose known part differs is
 * another. An object without a row is the same as long as one is there; every list of objects has a row.
 *
 * `endsWhere`: it stays the same, but a change of which that is true ends what was unknown of it and of the objects in
 * it; elements of its lists have rows of their own.
 */
export type Identities = Readonly<Record<string, readonly string[] | 'whole' | Ending>>;
interface Ending {
  readonly endsWhere: (before: unknown, now: unknown) => boolean;
}

/** Of one object, or of one list, what this version does not know. */
interface Rest {
  readonly is: string | undefined;
  /** What was known, where a change of it may end this. */
  readonly known: unknown;
  readonly keys: ReadonlyMap<string, unknown>;
  /** By key; in a list by what an element is. */
  readonly inside: ReadonlyMap<string, Rest>;
}

/** A copy by spread takes it along, JSON does not. */
const rest = Symbol('what a later version of Berth wrote');
type Carrier = object & { readonly [rest]?: Rest };

/** `known` is what a schema made of `raw`; what it left out at whatever depth goes with the content from here on. */
export function carryUnknown<Content extends object>(
  known: Content,
  raw: unknown,
  identities: Identities,
): Content & Carrier {
  const { [rest]: _, ...own } = known as Content & Carrier;
  const found = restOf(raw, known, [], identities);
  return { ...(own as Content), ...(found && { [rest]: found }) };
}

/** Content made anew in the place of another carries what that one carried. */
export function inheritUnknown<Content extends object>(next: Content, previous: object | undefined): Content {
  const carried = (previous as Carrier | undefined)?.[rest];
  return carried === undefined ? next : { ...next, [rest]: carried };
}

/** The content with all that it carries, each at its place, as far as the place is still there. */
export function withUnknown(content: object, identities: Identities): unknown {
  return merged(content, (content as Carrier)[rest], [], identities);
}

/** What the content carries, as paths such as `mounts.cache`, each once. */
export function unknownPaths(content: object): readonly string[] {
  const paths = new Set<string>();
  const collect = ({ keys, inside }: Rest, isList: boolean, path: readonly string[]): void => {
    for (const key of keys.keys()) paths.add([...path, key].join('.'));
    for (const [key, each] of inside) collect(each, each.is === list, isList ? path : [...path, key]);
  };
  const carried = (content as Carrier)[rest];
  if (carried) collect(carried, false, []);
  return [...paths];
}

/** What a list is: always the same one. */
const list = 'list';

function restOf(raw: unknown, known: unknown, path: readonly string[], identities: Identities): Rest | undefined {
  if (Array.isArray(raw) && Array.isArray(known)) return restOfList(raw, known, path, identities);
  if (!isObject(raw) || !isObject(known)) return undefined;
  const keys = new Map<string, unknown>();
  const inside = new Map<string, Rest>();
  for (const [key, value] of Object.entries(raw)) {
    if (!Object.hasOwn(known, key)) keys.set(key, value);
    else addTo(inside, key, restOf(value, known[key], [...path, key], identities));
  }
  if (keys.size + inside.size === 0) return undefined;
  const row = rowOf(path, identities);
  return { is: identityOf(known, path, identities), known: isEnding(row) ? known : undefined, keys, inside };
}

/** A schema makes of each element one, in the same order. */
function restOfList(
  raw: readonly unknown[],
  known: readonly unknown[],
  path: readonly string[],
  identities: Identities,
): Rest | undefined {
  const inside = new Map<string, Rest>();
  for (const [index, value] of raw.entries()) {
    const element = known[index];
    const is = isObject(element) ? identityOf(element, path, identities) : undefined;
    if (is !== undefined) addTo(inside, is, restOf(value, element, path, identities));
  }
  return inside.size === 0 ? undefined : { is: list, known: undefined, keys: new Map(), inside };
}

function addTo(inside: Map<string, Rest>, key: string, found: Rest | undefined): void {
  if (found) inside.set(key, found);
}

function merged(value: unknown, carried: Rest | undefined, path: readonly string[], identities: Identities): unknown {
  if (!carried) return value;
  if (Array.isArray(value)) {
    return value.map((each: unknown) => {
      const is = isObject(each) ? identityOf(each, path, identities) : undefined;
      return is === undefined ? each : merged(each, carried.inside.get(is), path, identities);
    });
  }
  if (!isObject(value) || identityOf(value, path, identities) !== carried.is) return value;
  const row = rowOf(path, identities);
  const isEnded = isEnding(row) && row.endsWhere(carried.known, value);
  const own = Object.entries(value).map(([key, each]): [string, unknown] => {
    const inside = carried.inside.get(key);
    return [key, isEnded && inside?.is !== list ? each : merged(each, inside, [...path, key], identities)];
  });
  const added = isEnded ? [] : [...carried.keys].filter(([key]) => !Object.hasOwn(value, key));
  return Object.fromEntries([...own, ...added]); // own keys, whatever they are called
}

function identityOf(
  value: Readonly<Record<string, unknown>>,
  path: readonly string[],
  identities: Identities,
): string | undefined {
  const row = rowOf(path, identities);
  if (row === undefined || isEnding(row)) return undefined;
  return JSON.stringify(row === 'whole' ? value : row.map((key) => value[key] ?? null));
}

function rowOf(path: readonly string[], identities: Identities): Identities[string] | undefined {
  return Object.entries(identities).find(([pattern]) => fits(pattern.split('.'), path))?.[1];
}

function isEnding(row: Identities[string] | undefined): row is Ending {
  return typeof row === 'object' && 'endsWhere' in row;
}

function fits(pattern: readonly string[], path: readonly string[]): boolean {
  return pattern.length === path.length && pattern.every((part, index) => part === '*' || part === path[index]);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
