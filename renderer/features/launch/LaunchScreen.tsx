// SPDX-License-Identifier: MIT
import { ChevronLeft } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { instanceKey } from '#contract/host-keys.ts';
import { say } from '#messages/say.ts';
import { useHost, useHostPart } from '../../store/current-host.ts';
import { imagesAddress, instanceAddress } from '../../lib/addresses.ts';
import { request } from '../../api/client.ts';
import { attempt } from '../../store/attempt.ts';
import { Button } from '../../ui/Button.tsx';
import { importDropped } from '../../store/import-dropped.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { FileDrop } from '../../ui/FileDrop.tsx';
import { familiesOf, type CatalogueFilter } from './catalogue-view.ts';
import { CatalogueHead } from './CatalogueHead.tsx';
import { ImageCard } from './ImageCard.tsx';
import { defaultFields, parseLaunchForm } from './launch-form.ts';
import { LaunchForm } from './LaunchForm.tsx';
import type { CatalogueEntry } from '#contract/images.ts';
import styles from './LaunchScreen.module.css';

/** The catalogue on the left, the new instance on the right. */
export function LaunchScreen({ alias }: { readonly alias?: string }) {
  const host = useHost();
  const catalogue = useHostPart((part) => part.catalogue);
  const system = useHostPart((part) => part.system);
  const [chosen, setChosen] = useState(alias);
  const [filter, setFilter] = useState<CatalogueFilter>({ text: '', os: 'all' });
  const [versions, setVersions] = useState<Readonly<Record<string, string>>>({});
  const families = familiesOf(catalogue, filter);
  const [, navigate] = useLocation();
  const entry = catalogue.find((each) => each.alias === chosen) ?? catalogue[0];
  /** Where there is something to ask first, the form does it. */
  const launchNow = async (each: CatalogueEntry): Promise<void> => {
    setChosen(each.alias);
    if (system?.confinement?.needsConsent === true) return;
    const { params } = parseLaunchForm({ ...defaultFields(each, system), name: '', userData: '', timeout: '' }, each);
    if (params === undefined) return;
    await attempt({ id: 'launch', line: `berth launch ${each.alias}` }, async () =>
      navigate(instanceAddress(instanceKey(host, (await request(host, 'instances.launch', params)).target))),
    );
  };
  return (
    <main className={styles.screen}>
      <header className={styles.header}>
        <Link
          to="/"
          className={styles.back}
          aria-label={say('common.screen-instances')}
          title={say('common.screen-instances')}
        >
          <ChevronLeft size={18} />
        </Link>
        <h1>{say('launch.title')}</h1>
      </header>
      {entry === undefined ? (
        <EmptyState
          title={say('launch.none')}
          action={<Button onPress={() => navigate(imagesAddress(host))}>{say('common.screen-images')}</Button>}
        >
          <p>{say('launch.none-text')}</p>
        </EmptyState>
      ) : (
        <div className={styles.body}>
          <FileDrop
            className={styles.catalogue}
            aria-label={say('launch.images')}
            hint={say('images.drop-to-import')}
            onDrop={importDropped}
          >
            <CatalogueHead catalogue={catalogue} filter={filter} onFilter={setFilter} />
            {families.length === 0 ? <p>{say('launch.nothing-fits')}</p> : null}
            {families.map(({ key, entries }) => {
              const each =
                entries.find(({ alias }) => alias === entry.alias) ??
                entries.find(({ alias }) => alias === versions[key]) ??
                entries[0];
              const choose = (next: string): void => {
                setVersions({ ...versions, [key]: next });
                setChosen(next);
              };
              return (
                <ImageCard
                  key={key}
                  entry={each}
                  versions={entries}
                  isChosen={each === entry}
                  onVersion={choose}
                  onChoose={() => choose(each.alias)}
                  onLaunch={() => void launchNow(each)}
                />
              );
            })}
          </FileDrop>
          <LaunchForm key={entry.alias} entry={entry} />
        </div>
      )}
    </main>
  );
}
