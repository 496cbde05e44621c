// SPDX-License-Identifier: MIT
import { useEffect, useState } from 'react';
import { say } from '#messages/say.ts';
import { useHost } from '../../store/current-host.ts';
import type { HostId } from '#contract/hosts.ts';
import { instanceName } from '#contract/names.ts';
import { request } from '../../api/client.ts';
import { formatBytes } from '../../lib/format.ts';
import styles from './ImagesScreen.module.css';

/** The instances that share an image, and what they have besides it: other users' are not counted. */
export function UsedBy({ names }: { readonly names: readonly string[] }) {
  const host = useHost();
  const [ownBytes, setOwnBytes] = useState(0);
  const key = names.join(' ');
  useEffect(() => {
    let isCurrent = true;
    void ownBytesOf(host, key.split(' ').filter(Boolean)).then((bytes) => {
      if (isCurrent) setOwnBytes(bytes);
    });
    return () => {
      isCurrent = false;
    };
  }, [host, key]);
  return (
    <>
      {names.length === 0 ? (
        <span>{say('images.nobody')}</span>
      ) : (
        <span className={styles.clip} title={names.join(', ')} translate="no">
          {names.join(', ')}
        </span>
      )}
      {ownBytes === 0 ? null : (
        <span className={styles.vouch}>{say('images.own', { size: formatBytes(ownBytes) })}</span>
      )}
    </>
  );
}

async function ownBytesOf(host: HostId, names: readonly string[]): Promise<number> {
  const answers = await Promise.allSettled(
    names.map(async (name) => await request(host, 'instances.info', { name: instanceName.parse(name) })),
  );
  return answers.reduce(
    (sum, answer) => sum + (answer.status === 'fulfilled' ? (answer.value.diskUsedBytes ?? 0) : 0),
    0,
  );
}
