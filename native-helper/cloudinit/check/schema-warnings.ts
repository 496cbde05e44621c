// SPDX-License-Identifier: MIT
import { Ajv, type AnySchemaObject, type ErrorObject } from 'ajv';
import { isMap, isNode, isScalar, type Document, type LineCounter } from 'yaml';
import published from './schema/cloud-config-v1.json' with { type: 'json' };

/** What code of cloud-init reads beside its schema, and what versions after that of the schema know. */
const otherKeys = new Set([
  'allow_userdata',
  'create_hostname_file',
  'datasource',
  'datasource_list',
  'datasource_pkg_list',
  'debconf_selections',
  'def_log_file',
  'launch-index',
  'launch_index',
  'log_basic',
  'log_cfgs',
  'logcfg',
  'manual_cache_clean',
  'merge_how',
  'merge_type',
  'network',
  'output',
  'rpi',
  'syslog_fix_perms',
  'system_info',
  'ubuntu_pro',
  'unverified_modules',
  'vendor_data2',
  'wait_on_network',
]);
const plainWords: Readonly<Record<string, string>> = {
  'must be array': 'must be a list',
  'must be object': 'must be a mapping',
};

interface ModuleSchema {
  readonly properties?: Readonly<Record<string, AnySchemaObject>>;
}

const definitions = published.$defs as Readonly<Record<string, ModuleSchema | undefined>>;
const modules = published.allOf.flatMap(({ $ref }) => definitions[$ref.replace('#/$defs/', '')] ?? []);
/** Old settings of apt, one by one, which cloud-init still takes. */
const oldSetting = /^apt_/;

/**
 * Keys that cloud-init does not know and values that it would take otherwise than meant, by its own schema: a sentence
 * each, with the line. One for each key at the top, because one mistake makes many.
 */
export function schemaWarnings(config: Document, lines: LineCounter): readonly string[] {
  if (!isMap(config.contents)) return [];
  // Our limit on aliases is on the document; the library's would refuse some that are within it.
  const values = config.toJS({ maxAliasCount: -1 }) as Readonly<Record<string, unknown>>;
  return config.contents.items.flatMap(({ key }) => {
    if (!isScalar(key) || typeof key.value !== 'string' || isOwnAnchor(key.value)) return [];
    const warning = warningOf(config, lines, key.value, values[key.value]);
    return warning === undefined
      ? []
      : [`Line ${warning.line ?? lines.linePos(key.range?.[0] ?? 0).line}: ${warning.sentence}.`];
  });
}

/** What stands there only to be repeated elsewhere. */
function isOwnAnchor(name: string): boolean {
  return name === '<<' || name.startsWith('x-');
}

function warningOf(
  config: Document,
  lines: LineCounter,
  name: string,
  value: unknown,
): { readonly line?: number | undefined; readonly sentence: string } | undefined {
  const schemas = modules.flatMap(({ properties = {} }) =>
    Object.hasOwn(properties, name) ? [properties[name]!] : [],
  );
  if (schemas.length === 0)
    return otherKeys.has(name) || oldSetting.test(name)
      ? undefined
      : { sentence: `${shown(name)} is no key that cloud-init knows` };
  const error = firstError(schemas, value);
  return error && { line: lineOf(config, lines, [name, ...stepsOf(error)]), sentence: sentence(name, error) };
}

/** Only what the key needs is compiled: all of the schema takes a second. */
function firstError(schemas: readonly AnySchemaObject[], value: unknown): ErrorObject | undefined {
  const ajv = new Ajv({ strict: false, validateFormats: false, logger: false });
  const validate = ajv.compile({ $defs: published.$defs, allOf: schemas });
  if (validate(value)) return undefined;
  // Of a choice each branch complains; the one that came furthest is what was meant.
  return validate.errors?.reduce((best, each) => (stepsOf(each).length > stepsOf(best).length ? each : best));
}

function stepsOf({ instancePath }: ErrorObject): readonly string[] {
  return instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function sentence(name: string, error: ErrorObject): string {
  const where = [name, ...stepsOf(error)].map(shown).join('.');
  const extra =
    error.keyword === 'additionalProperties' ? ` (${shown(String(error.params['additionalProperty']))})` : '';
  const message = error.message ?? 'is not as it should be';
  return `${where} ${plainWords[message] ?? message}${extra}, by cloud-init's schema`;
}

function shown(word: string): string {
  return word.length > 60 ? `${word.slice(0, 60)}…` : word;
}

function lineOf(config: Document, lines: LineCounter, path: readonly string[]): number | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const node = config.getIn(
      path.slice(0, length).map((step) => (/^\d+$/.test(step) ? Number(step) : step)),
      true,
    );
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}
