// SPDX-License-Identifier: MIT
import type { ImageSettings } from '#contract/images.ts';
import type { Images } from '../../core/seams/images.ts';

/**
 * Those that stand in for what cannot be read are nobody's decisions, and would be shown as such.
 *
 * @throws HelperError why they cannot be read
 */
export function decidedSettings(images: Images): ImageSettings {
  const { fault } = images.unusableSettings();
  if (fault) throw fault;
  return images.settings();
}

/** Whoever changes something else sends the proxy back as it was shown. */
export function withProxyPassword(settings: ImageSettings, stored: ImageSettings): ImageSettings {
  return settings.proxy !== undefined && settings.proxy === withoutProxyPassword(stored).proxy
    ? { ...settings, proxy: stored.proxy }
    : settings;
}

/** Anybody may see where images come from, but not the proxy's password. */
export function withoutProxyPassword(settings: ImageSettings): ImageSettings {
  const proxy = URL.parse(settings.proxy ?? '');
  if (proxy === null || proxy.password === '') return settings;
  proxy.password = '***';
  return { ...settings, proxy: proxy.href };
}
