// SPDX-License-Identifier: MIT
import { z } from 'zod';
import type { AppMethods, Preferences } from '#contract/desktop.ts';
import { terminalSize } from '#contract/console.ts';
import type { HostId } from '#contract/hosts.ts';
import { instanceName, type InstanceName } from '#contract/names.ts';
import {
  conflictAnswer,
  copyInParams,
  copyOutParams,
  guestFolderParams,
  transferReference,
  type ConflictAnswer,
  type GuestFolder,
} from '#contract/transfers.ts';
import { say } from '#messages/say.ts';
import type { OutsideDoors, PathUse, Question } from './outside-doors.ts';
import type { TransferHost } from './transfer-host.ts';

export interface AppMethod {
  readonly params: z.ZodType;
  /** `host`: what it is about, where it is about one. */
  readonly run: (params: unknown, host: HostId) => Promise<unknown>;
}

export type AppMethodTable = Readonly<Record<string, AppMethod>>;

/** What the methods need of the desktop; `shell/` and `link/` give it. */
export interface AppPorts {
  /** Asked before anything is done outside of Berth, and told what a person chose. */
  doors: OutsideDoors;
  pickImageFile(): Promise<string | undefined>;
  pickFolders(): Promise<string[]>;
  pickFiles(): Promise<string[]>;
  pickDestination(): Promise<string | undefined>;
  downloadsFolder(): string;
  desktopProxy(): Promise<string | undefined>;
  listGuestFolder(host: HostId, params: z.output<typeof guestFolderParams>): Promise<GuestFolder>;
  mountUsers(
    host: HostId,
    name: InstanceName,
    target: string,
  ): Promise<readonly { readonly pid: number; readonly command: string }[]>;
  copies: Pick<TransferHost, 'copyIn' | 'copyOut' | 'answer' | 'cancel' | 'dismiss'>;
  saveText(suggestedName: string, text: string): Promise<string | undefined>;
  /** Electron 45 answers with a promise, earlier ones with nothing. */
  copyText(text: string): void | Promise<void>;
  preferences(): Preferences;
  setTheme(theme: Preferences['theme']): void;
  openTerminal(size: { columns: number; rows: number }): Promise<{ session: string; terminal: string }>;
  resizeTerminal(session: string, size: { columns: number; rows: number }): void;
}

const nothing = z.strictObject({});
const text = z.string().max(1024 * 1024);
const theme = z.enum(['system', 'light', 'dark']);
/** No path: a name to put in the dialog's field. */
const fileName = z
  .string()
  .min(1)
  .max(120)
  .regex(/^[^/\0]+$/);

const chooser = (): Question => ({
  message: say('desktop.ask.choose'),
  detail: say('desktop.ask.by-window'),
  agree: say('desktop.button.choose'),
});
const localTerminal = (): Question => ({
  message: say('desktop.ask.terminal'),
  detail: say('desktop.ask.terminal-detail'),
  agree: say('desktop.button.open'),
  canHold: true,
});

function overwriting({ choice, isForAll }: ConflictAnswer): Question {
  const detail = say(isForAll ? 'desktop.conflict.for-all' : 'desktop.ask.by-window');
  switch (choice) {
    case 'replace':
      return { message: say('desktop.conflict.replace'), detail, agree: say('desktop.conflict.replace-agree') };
    case 'keep-both':
      return { message: say('desktop.conflict.keep-both'), detail, agree: say('desktop.conflict.keep-both-agree') };
    case 'skip':
      return { message: say('desktop.conflict.skip'), detail, agree: say('desktop.conflict.skip-agree') };
    default:
      return choice satisfies never;
  }
}

/** The methods that Electron's main process answers itself. */
export function createAppMethods(ports: AppPorts): AppMethodTable {
  const { doors } = ports;
  return {
    ...choosers(ports),
    'app.list-guest-folder': method(
      'app.list-guest-folder',
      guestFolderParams,
      async (params, host) => await ports.listGuestFolder(host, params),
    ),
    'app.downloads-folder': method('app.downloads-folder', nothing, () => {
      const path = ports.downloadsFolder();
      // Who has just asked to copy out will see it; any page may know where it is.
      if (doors.isPersonAtWork) doors.give(['copy-out'], path);
      return { path };
    }),
    'app.desktop-proxy': method('app.desktop-proxy', nothing, async () => {
      const proxy = await ports.desktopProxy();
      return proxy === undefined ? {} : { proxy };
    }),
    'app.mount-users': method(
      'app.mount-users',
      z.strictObject({ name: instanceName, target: z.string().max(4096) }),
      async ({ name, target }, host) => ({ users: [...(await ports.mountUsers(host, name, target))] }),
    ),
    ...copyMethods(ports),
    'app.save-text': method('app.save-text', z.strictObject({ suggestedName: fileName, text }), async (params) => {
      await doors.act(chooser());
      return pathOrNothing(await ports.saveText(params.suggestedName, params.text));
    }),
    'app.copy-text': method('app.copy-text', z.strictObject({ text }), async (params) => {
      await doors.act({
        message: say('desktop.ask.clipboard'),
        detail: params.text.slice(0, 400),
        agree: say('desktop.button.copy'),
      });
      await ports.copyText(params.text);
      return {};
    }),
    'app.preferences': method('app.preferences', nothing, () => ports.preferences()),
    'app.set-theme': method('app.set-theme', z.strictObject({ theme }), (params) => {
      ports.setTheme(params.theme);
      return {};
    }),
    'app.open-local-terminal': method('app.open-local-terminal', terminalSize.strict(), async (size) => {
      await doors.agree(localTerminal());
      return await ports.openTerminal(size);
    }),
    'app.resize-local-terminal': method(
      'app.resize-local-terminal',
      terminalSize.extend({ session: z.string().max(64) }).strict(),
      (params) => {
        ports.resizeTerminal(params.session, { columns: params.columns, rows: params.rows });
        return {};
      },
    ),
  } satisfies Record<keyof AppMethods, AppMethod>;
}

/** What a person chooses may be used afterwards, for what it was chosen. */
function choosers({ doors, ...ports }: AppPorts) {
  const chosen = async (
    uses: readonly PathUse[],
    choose: () => Promise<string | string[] | undefined>,
  ): Promise<string[]> => {
    await doors.act(chooser());
    const paths = [(await choose()) ?? []].flat();
    doors.give(uses, ...paths);
    return paths;
  };
  const one = async (use: PathUse, choose: () => Promise<string | undefined>): Promise<{ path?: string }> =>
    pathOrNothing((await chosen([use], choose))[0]);
  return {
    'app.pick-image-file': method(
      'app.pick-image-file',
      nothing,
      async () => await one('import', () => ports.pickImageFile()),
    ),
    // What an instance could read may be copied to it instead.
    'app.pick-folders': method('app.pick-folders', nothing, async () => ({
      paths: await chosen(['share', 'share-read-only', 'copy-in'], () => ports.pickFolders()),
    })),
    'app.pick-files': method('app.pick-files', nothing, async () => ({
      paths: await chosen(['copy-in'], () => ports.pickFiles()),
    })),
    'app.pick-destination': method(
      'app.pick-destination',
      nothing,
      async () => await one('copy-out', () => ports.pickDestination()),
    ),
  };
}

function copyMethods({ copies, doors }: AppPorts) {
  return {
    'app.copy-in': method('app.copy-in', copyInParams, (params, host) => ({ id: copies.copyIn(host, params) })),
    'app.copy-out': method('app.copy-out', copyOutParams, async (params, host) => {
      await doors.act({
        message: say('desktop.ask.copy-out', { name: params.name }),
        detail: params.folder,
        agree: say('desktop.button.copy'),
      });
      return { id: copies.copyOut(host, params) };
    }),
    'app.answer-conflict': method('app.answer-conflict', conflictAnswer, async (answer) => {
      await doors.act(overwriting(answer));
      copies.answer(answer);
      return {};
    }),
    'app.cancel-transfer': method('app.cancel-transfer', transferReference, ({ id }) => {
      copies.cancel(id);
      return {};
    }),
    'app.dismiss-transfer': method('app.dismiss-transfer', transferReference, ({ id }) => {
      copies.dismiss(id);
      return {};
    }),
  };
}

/** Ties schema and handler to the contract's types; the router has checked `params` by the schema. */
function method<Name extends keyof AppMethods>(
  _name: Name,
  params: z.ZodType<AppMethods[Name]['params']>,
  run: (
    params: AppMethods[Name]['params'],
    host: HostId,
  ) => AppMethods[Name]['result'] | Promise<AppMethods[Name]['result']>,
): AppMethod {
  return { params, run: async (checked, host) => await run(checked as AppMethods[Name]['params'], host) };
}

function pathOrNothing(path: string | undefined): { path?: string } {
  return path === undefined ? {} : { path };
}
