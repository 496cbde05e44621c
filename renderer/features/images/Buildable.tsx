// SPDX-License-Identifier: MIT
import { ofHost } from '#contract/hosts-view.ts';
import { say } from '#messages/say.ts';
import { useHost, useHostPart } from '../../store/current-host.ts';
import type { CatalogueEntry } from '#contract/images.ts';
import { request } from '../../api/client.ts';
import { sentences } from '../../lib/format.ts';
import { cancelOperation } from '../../store/commands.ts';
import { attempt } from '../../store/attempt.ts';
import { useBerth } from '../../store/index.ts';
import { Button } from '../../ui/Button.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { Section } from '../../ui/Screen.tsx';
import styles from './ImagesScreen.module.css';

/** Images of the catalogue that are not in the vault yet and can be built here. */
export function Buildable() {
  const catalogue = useHostPart((part) => part.catalogue);
  const missing = catalogue.filter((entry) => entry.fingerprint === undefined && entry.origin === 'built');
  if (missing.length === 0) return null;
  return (
    <Section title={say('images.available')}>
      <ul>
        {missing.map((entry) => (
          <li key={entry.alias} className={styles.build}>
            <Entry entry={entry} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Entry({ entry }: { readonly entry: CatalogueEntry }) {
  const host = useHost();
  const operation = useBerth((state) =>
    ofHost(state.operations, host).find(
      (each) => each.kind === 'image-build' && each.target === entry.alias && each.state === 'running',
    ),
  );
  const build = async (): Promise<void> => {
    const { alias } = entry;
    const asked = { id: `build-${alias}`, line: `berth images build ${alias}` };
    await attempt(asked, async () => await request(host, 'images.build', { alias }));
  };
  return (
    <>
      <div>
        <h3>
          <span translate="no">{entry.title}</span>
          <code>{entry.alias}</code>
        </h3>
        <p>{sentences(entry.description, entry.cost)}</p>
      </div>
      {operation === undefined ? (
        <Button onPress={() => void build()} hint={<code>{`berth images build ${entry.alias}`}</code>}>
          {say('images.build')}
        </Button>
      ) : (
        <>
          <div className={styles.progress}>
            <span>{operation.progress?.step ?? say('images.building')}</span>
            <ProgressBar label={say('images.building')} fraction={operation.progress?.fraction} />
          </div>
          <Button
            size="small"
            isDisabled={!operation.cancellable}
            onPress={() => void cancelOperation(host, operation.id)}
          >
            {say('common.cancel')}
          </Button>
        </>
      )}
    </>
  );
}
