// SPDX-License-Identifier: MIT
import { partsOf } from '#contract/host-keys.ts';
import { say } from '#messages/say.ts';
import { act } from '../../store/commands.ts';
import { setView, useBerth } from '../../store/index.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';

/** Asks before an instance goes for good: one in the bin, or one whose record cannot be read. */
export function PurgeDialog() {
  const purging = useBerth((state) => state.purging);
  const close = (): void => setView({ purging: undefined });
  const purge = (): void => {
    if (purging !== undefined) void act('purge', purging);
    close();
  };
  return (
    <Dialog
      title={say('instances.purge-title', { name: purging === undefined ? '' : partsOf(purging).name })}
      role="alertdialog"
      isOpen={purging !== undefined}
      onClose={close}
      footer={
        <>
          <Button onPress={close} autoFocus>
            {say('common.cancel')}
          </Button>
          <Button tone="danger" data-testid="purge-confirm" onPress={purge}>
            {say('verb.purge.label')}
          </Button>
        </>
      }
    >
      <p>{say('instances.purge-text')}</p>
    </Dialog>
  );
}
