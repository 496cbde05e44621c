// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import type { Images, VaultRecord, Viewer } from '../../core/seams/images.ts';
import { decidedSettings, withProxyPassword, withoutProxyPassword } from '../../images/catalogue/shown-settings.ts';
import type { Registry } from '../../instances/instance/registry.ts';
import type { OperationManager } from '../../operations/manager.ts';
import type { Handlers } from '../handlers.ts';
import { inPages } from '../../core/page-of.ts';

type ImageMethods = Extract<keyof Handlers, `images.${string}`>;

export function imageHandlers(
  images: Images,
  registry: Registry,
  operations: OperationManager,
): Pick<Handlers, ImageMethods> {
  const present = (image: string, viewer: Viewer): VaultRecord => {
    const found = images.find(image, viewer);
    if (!found) throw new HelperError('image.not-found', { image });
    return found;
  };
  return {
    'images.catalogue': async (page, { actor }) => inPages(images.catalogue(actor), ({ alias }) => alias, page),
    'images.list': async (page, { actor }) =>
      inPages(
        images.list((fingerprint) => registry.usersOf(fingerprint), actor),
        ({ fingerprint }) => fingerprint,
        page,
      ),
    'images.import': async (params, { actor }) =>
      await operations.start(
        { kind: 'image-import', target: params.alias, actor },
        async (ctx) => void (await images.import(params, ctx)),
      ),
    'images.build': async ({ alias }, { actor }) =>
      await operations.start(
        { kind: 'image-build', target: alias, actor },
        async (ctx) => void (await images.ensure(alias, ctx)),
      ),
    'images.fetch': async ({ alias }, { actor }) =>
      await operations.start(
        { kind: 'image-fetch', target: alias, actor },
        async (ctx) => void (await images.fetch(alias, ctx)),
      ),
    'images.import-url': async (params, { actor }) =>
      await operations.start(
        { kind: 'image-import', target: params.alias, actor },
        async (ctx) => void (await images.importUrl(params, ctx)),
      ),
    'images.verify': async ({ image }, { actor }) => {
      const found = present(image, actor);
      return await operations.start(
        { kind: 'image-verify', target: found.image.aliases[0] ?? image, actor },
        async (ctx) => await images.verify(found.image.fingerprint, ctx),
      );
    },
    'images.prune': async ({ isEverything }, { actor }) => {
      if (actor.uid !== 0 && isEverything)
        throw new HelperError('auth.denied', { uid: actor.uid, action: sentence('action.remove-unexpired-images') });
      const { removed, freedBytes } = await images.prune(
        (fingerprint) => registry.usersOf(fingerprint).length > 0,
        isEverything,
      );
      return { removed: [...removed], freedBytes };
    },
    'images.pin': async ({ image, isPinned }, { actor }) => {
      await images.setPinned(present(image, actor).image.fingerprint, isPinned, actor);
      return {};
    },
    'images.remotes': async () => [...images.remotes()],
    'images.refresh': async ({ maxAgeSeconds }, { actor }) =>
      await operations.start(
        { kind: 'image-refresh', target: 'remotes', actor },
        async (ctx) => await images.refresh(maxAgeSeconds, ctx),
      ),
    'images.settings': async () => withoutProxyPassword(decidedSettings(images)),
    'images.configure': async (settings, { actor }) => {
      if (actor.uid !== 0)
        throw new HelperError('auth.denied', { uid: actor.uid, action: sentence('action.change-image-sources') });
      await images.configure(withProxyPassword(settings, images.settings()));
      return {};
    },
    'images.remove': async ({ image }, { actor }) => {
      const found = present(image, actor);
      const users = registry.usersOf(found.image.fingerprint);
      if (users.length > 0) throw new HelperError('image.in-use', { image, users: users.join(', ') });
      await images.remove(found.image.fingerprint, actor);
      return {};
    },
  };
}
