// SPDX-License-Identifier: MIT
import type { Architecture, ImageSettings } from '#contract/images.ts';
import { remoteName } from '#contract/names.ts';
import type { DownloadServices } from '../download/download-services.ts';
import type { Family } from './family.ts';
import { FileFamilyRemote } from './file-family.ts';
import type { Remote } from './remote.ts';
import { SimplestreamsRemote } from './simplestreams.ts';

/** Where Ubuntu and Debian put Ubuntu's key for cloud images (packages ubuntu-keyring, ubuntu-cloud-keyring). */
const ubuntuKeyrings = ['/usr/share/keyrings/ubuntu-cloudimage-keyring.gpg'];

/** The remotes that come with Berth and those of the administrator, whose names win; disabled ones too. */
export function openRemotes(
  settings: ImageSettings,
  families: readonly Family[],
  architecture: Architecture,
  services: DownloadServices,
): readonly Remote[] {
  const ubuntu = {
    defaultUser: 'ubuntu',
    isBuiltIn: true,
    architecture,
    keyrings: ubuntuKeyrings,
    isKeyringNeeded: false,
  } as const;
  const builtIn: readonly Remote[] = [
    new SimplestreamsRemote(
      {
        ...ubuntu,
        name: remoteName.parse('ubuntu'),
        title: 'Ubuntu',
        url: 'https://cloud-images.ubuntu.com/releases/',
      },
      services,
    ),
    ...families.map((family) => new FileFamilyRemote(family, architecture, services)),
    new SimplestreamsRemote(
      {
        ...ubuntu,
        name: remoteName.parse('ubuntu-daily'),
        title: 'Ubuntu, daily builds',
        url: 'https://cloud-images.ubuntu.com/daily/',
      },
      services,
    ),
  ];
  const own = settings.remotes.map(
    ({ name, title, url, defaultUser, keyring }) =>
      new SimplestreamsRemote(
        {
          name,
          title: title ?? name,
          url,
          defaultUser,
          architecture,
          isBuiltIn: false,
          keyrings: keyring === undefined ? [] : [keyring],
          isKeyringNeeded: keyring !== undefined,
        },
        services,
      ),
  );
  const isOwn = new Set<string>(own.map(({ name }) => name));
  return [...own, ...builtIn.filter(({ name }) => !isOwn.has(name))];
}
