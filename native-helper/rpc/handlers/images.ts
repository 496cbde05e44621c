// SPDX-License-Identifier: MIT
import { HelperError } from '../../core/errors.ts';
import type { Images } from '../../core/ports.ts';
import type { Registry } from '../../instances/registry.ts';
import type { OperationManager } from '../../operations/manager.ts';
import type { Handlers } from '../handlers.ts';

type ImageMethods = Extract<keyof Handlers, `images.${string}`>;

export function imageHandlers(images: Images, registry: Registry, operations: OperationManager): Pick<Handlers, ImageMethods> {
  return {
    'images.catalogue': async () => [...images.catalogue()],
    'images.list': async () => [...images.list((fingerprint) => registry.usersOf(fingerprint))],
    'images.import': async (params, { actor }) =>
      await operations.start({ kind: 'image-import', target: params.alias, actor }, async (ctx) => void (await images.import(params, ctx))),
    'images.build': async ({ alias }, { actor }) =>
      await operations.start({ kind: 'image-build', target: alias, actor }, async (ctx) => void (await images.ensure(alias, ctx))),
    'images.remove': async ({ image }, { actor }) => {
      const found = images.find(image);
      if (!found) throw new HelperError('image.not-found', { image });
      const users = registry.usersOf(found.image.fingerprint);
      if (users.length > 0) throw new HelperError('image.in-use', { image, users: users.join(', ') });
      // Images are shared by all users of the helper: one may not take away what another imported.
      if (actor.uid !== 0 && found.image.origin !== 'built') throw new HelperError('auth.denied', { uid: actor.uid, action: `remove the image ${image}` });
      await images.remove(found.image.fingerprint);
      return {};
    },
  };
}
