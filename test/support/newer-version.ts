// SPDX-License-Identifier: MIT
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { build } from 'rolldown';
import { root } from '../../scripts/lib/paths.ts';

/**
 * One more of everything that a version may bring without a new protocol: file, what stands there, what is put in its
 * place.
 */
const additions: readonly (readonly [file: string, before: string, after: string])[] = [
  ['contract/features.ts', '] as const;', "  'weather',\n] as const;"],
  [
    'messages/en/later-errors.ts',
    'const laterErrors = {',
    `const laterErrors = {
    'instance.frozen': { message: '{name} is frozen solid.', hint: 'Thaw it with berth start {name}.', exitCode: 7 },`,
  ],
  ['contract/instances.ts', "'creating', 'starting',", "'creating', 'frozen', 'starting',"],
  ['messages/en/states.ts', "'state.creating':", "'state.frozen': 'frozen', 'state.creating':"],
  ['contract/operations.ts', "'image-verify',", "'image-verify', 'image-weigh',"],
  ['contract/operations.ts', "'sshd',", "'sshd', 'thaw',"],
  [
    'contract/events.ts',
    "z.discriminatedUnion('topic', [",
    "z.discriminatedUnion('topic', [ z.object({ topic: z.literal('weather.changed'), sky: z.string() }),",
  ],
  [
    'contract/methods.ts',
    "'system.doctor':",
    "'system.weather': { kind: 'query', params: nothing, result: z.object({ sky: z.string() }) },\n'system.doctor':",
  ],
  ['native-helper/rpc/handlers/images.ts', "kind: 'image-verify'", "kind: 'image-weigh'"],
  ['native-helper/instances/instance/state.ts', "'absent') return 'stopped'", "'absent') return 'frozen'"],
  [
    'contract/verbs.ts',
    'some((each) => each === state)',
    "some((each) => each === (state === 'frozen' ? 'stopped' : state))",
  ],
  [
    'native-helper/instances/instance/state.ts',
    'if (!isLegal(verb, state)) throw',
    `if (state === 'frozen' && !isLegal(verb, state)) throw new HelperError('instance.frozen', { name });
    if (!isLegal(verb, state)) throw`,
  ],
  [
    'native-helper/system/doctor.ts',
    "{ id: 'storage', title",
    `{ id: 'weather', title: 'The weather', look: async () => ({ id: 'weather', state: 'cloudy', summary: 'It may rain.' }) },
    { id: 'storage', title`,
  ],
  [
    'native-helper/events/event-log.ts',
    'publish(view: EventView): number {',
    `publish(view: EventView): number {
    if (this.#sequence % 2 === 0) this.#tell(() => ({ topic: 'weather.changed', sky: 'grey' }));
    return this.#tell(view);
  }

  #tell(view: EventView): number {`,
  ],
  ['contract/system.ts', "'missing', 'checking'", "'missing', 'cloudy', 'checking'"],
  [
    'native-helper/rpc/handlers/system.ts',
    "'system.doctor': async",
    "'system.weather': () => ({ sky: 'grey' }),\n'system.doctor': async",
  ],
  // the newer client asks for what it may not get
  [
    'cli/commands/version.ts',
    'return { version: connection.helperVersion',
    `if (connection.has('weather')) await connection.request('system.weather', {});
    return { weather: connection.has('weather') ? 'told' : 'not told', version: connection.helperVersion`,
  ],
];

/** Records whose every object has a key more, with a value of its own that is made once and kept from then on. */
const markedRecords = [
  'native-helper/store/instance-record.ts',
  'native-helper/store/machine-record.ts',
  'native-helper/store/record-values.ts',
  'native-helper/store/security-record.ts',
  'native-helper/images/vault/image-record.ts',
  'native-helper/images/catalogue/settings-document.ts',
];
const marked = `
function marked(shape) { return z.object({ ...shape, mark: z.string().default(() => crypto.randomUUID()) }); }
`;

/**
 * Helper and command line of a version that is newer than this one by {@link additions}, built in a directory of their
 * own.
 */
export class NewerVersion implements AsyncDisposable {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async build(): Promise<NewerVersion> {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'berth-newer-'));
    const version = new NewerVersion(directory);
    for (const folder of ['messages', 'contract', 'client', 'cli', 'native-helper', 'assets', 'package.json']) {
      await cp(path.join(root, folder), path.join(directory, folder), { recursive: true });
    }
    await symlink(path.join(root, 'node_modules'), path.join(directory, 'node_modules'));
    for (const [file, before, after] of additions) await replace(path.join(directory, file), before, after);
    for (const file of markedRecords) await mark(path.join(directory, file));
    await mkdir(path.join(directory, 'dist'));
    await cp(path.join(root, 'dist/helper'), path.join(directory, 'dist/helper'), { recursive: true });
    await bundle(directory, 'native-helper/main.ts', version.helper);
    await bundle(directory, 'cli/main.ts', version.cli);
    return version;
  }

  get helper(): string {
    return path.join(this.#directory, 'dist/helper/main.mjs');
  }

  get cli(): string {
    return path.join(this.#directory, 'dist/cli/berth.mjs');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true });
  }
}

async function bundle(cwd: string, input: string, file: string): Promise<void> {
  await build({
    cwd,
    input,
    platform: 'node',
    tsconfig: false,
    logLevel: 'silent',
    external: ['koffi', 'node-pty', 'ssh2', 'cpu-features'],
    output: { file, format: 'esm', codeSplitting: false },
  });
}

async function mark(file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const more = text.replaceAll(/\bz\s*\.object\(/g, 'marked(');
  if (more === text) throw new Error(`${file} has no records any more: mend the list`);
  await writeFile(file, more + marked);
}

/** Finds the code whatever its line breaks are. */
async function replace(file: string, before: string, after: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const words = before.split(/\s+/).map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(words.join('\\s+'));
  if (!pattern.test(text)) throw new Error(`${file} has no ${before} any more: mend the additions`);
  await writeFile(
    file,
    text.replace(pattern, () => after),
  );
}
