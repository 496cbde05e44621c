// SPDX-License-Identifier: MIT
import { useEffect, useState } from 'react';
import { instanceName } from '#contract/names.ts';
import { request } from '../../api/client.ts';
import { formatBytes } from '../../lib/format.ts';
import { imagesStrings as strings } from './strings.ts';
import styles from './ImagesScreen.module.css';

/** The instances that share an image, and what they have besides it: other users' are not counted. */
export function UsedBy({ names }: { readonly names: readonly string[] }) {
  const [ownBytes, setOwnBytes] = useState(0);
  const key = names.join(' ');
  useEffect(() => {
    let isCurrent = true;
    void ownBytesOf(key.split(' ').filter(Boolean)).then((bytes) => {
      if (isCurrent) setOwnBytes(bytes);
    });
    return () => {
      isCurrent = false;
    };
  }, [key]);
  return (
    <>
      <span className={styles.clip} title={names.join(', ')}>
        {names.length === 0 ? strings.nobody : names.join(', ')}
      </span>
      {ownBytes === 0 ? null : <span className={styles.vouch}>{strings.own(formatBytes(ownBytes))}</span>}
    </>
  );
}

async function ownBytesOf(names: readonly string[]): Promise<number> {
  const answers = await Promise.allSettled(
    names.map(async (name) => await request('instances.info', { name: instanceName.parse(name) })),
  );
  return answers.reduce(
    (sum, answer) => sum + (answer.status === 'fulfilled' ? (answer.value.diskUsedBytes ?? 0) : 0),
    0,
  );
}
