// SPDX-License-Identifier: MIT
import { useLocation } from 'wouter';
import { say } from '#messages/say.ts';
import { useHost, useHostPart } from '../../store/current-host.ts';
import { launchAddress } from '../../lib/addresses.ts';
import { sentences } from '../../lib/format.ts';
import { Button } from '../../ui/Button.tsx';
import styles from './FirstLaunch.module.css';

/** What stands in an empty list: what an instance is, and the images to begin with. */
export function FirstLaunch() {
  const host = useHost();
  const catalogue = useHostPart((part) => part.catalogue);
  const [, navigate] = useLocation();
  return (
    <div className={styles.first}>
      <h2>{say('instances.empty-title')}</h2>
      <p>{say('instances.empty-text')}</p>
      {catalogue.length > 0 ? <h3>{say('instances.empty-images')}</h3> : null}
      <ul>
        {catalogue.slice(0, 4).map((entry) => (
          <li key={entry.alias}>
            <div>
              <h3>
                <span translate="no">{entry.title}</span> <code>{entry.alias}</code>
              </h3>
              <p>{sentences(entry.description, entry.cost)}</p>
            </div>
            <Button onPress={() => navigate(launchAddress(host, entry.alias))}>{say('instances.launch-image')}</Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
