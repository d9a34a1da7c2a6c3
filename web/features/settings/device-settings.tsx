import { type ReactElement, useCallback, useState } from 'react';
import { useApi } from '../../chat/context.ts';
import { inWords } from '../../chat/errors.ts';
import { useStrings } from '../../strings/language.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icon.tsx';
import { toast } from '../../ui/toasts.tsx';
import { useLoaded } from '../../ui/use-loaded.ts';
import { LoadedRows, RowWords, Section, Tag } from './section.tsx';

/** As the service tells of them; times in ms. */
interface Device {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly refreshedAt: number;
  readonly current: boolean;
}

/** Where the person is logged in. */
export function DeviceSettings(): ReactElement {
  const { t, moment } = useStrings();
  const api = useApi();
  const devices = useLoaded<readonly Device[]>(
    useCallback(async () => {
      const all = await api<readonly Device[]>('GET', '/devices');
      return all.toSorted((a, b) => Number(b.current) - Number(a.current) || b.refreshedAt - a.refreshedAt);
    }, [api]),
  );
  const [removing, setRemoving] = useState<Device>();
  return (
    <>
      <Section text={t('devices.hint')}>
        <LoadedRows
          load={devices}
          none=""
          row={(device) => (
            <>
              <Icon name="devices" size={24} />
              <RowWords
                title={
                  <>
                    <bdi>{device.name}</bdi>
                    {device.current && <Tag>{t('devices.current')}</Tag>}
                  </>
                }
                lines={[
                  t('devices.renewed', { moment: moment(device.refreshedAt) }),
                  t('devices.since', { moment: moment(device.createdAt) }),
                ]}
              />
              {!device.current && (
                <IconButton
                  icon="close"
                  label={t('devices.removeNamed', { name: device.name })}
                  onClick={() => setRemoving(device)}
                />
              )}
            </>
          )}
        />
      </Section>
      {removing && (
        <RemoveDevice
          device={removing}
          onClose={() => setRemoving(undefined)}
          onRemoved={() => devices.change((all) => all.filter(({ id }) => id !== removing.id))}
        />
      )}
    </>
  );
}

interface RemoveDeviceProps {
  readonly device: Device;
  readonly onClose: () => void;
  readonly onRemoved: () => void;
}

function RemoveDevice({ device, onClose, onRemoved }: RemoveDeviceProps): ReactElement {
  const strings = useStrings();
  const { t } = strings;
  const api = useApi();
  const [busy, setBusy] = useState(false);
  const { name } = device;

  async function remove(): Promise<void> {
    setBusy(true);
    try {
      await api('DELETE', `/devices/${encodeURIComponent(device.id)}`);
      onRemoved();
      toast(t('devices.removed', { name }));
    } catch (error) {
      toast(inWords(strings, error));
    } finally {
      onClose();
    }
  }

  return (
    <Dialog title={t('devices.removeTitle')} onClose={onClose}>
      <p>{t('devices.removeText', { name })}</p>
      <DialogActions>
        <Button onClick={onClose}>{t('action.cancel')}</Button>
        <Button kind="destroy" busy={busy} onClick={() => void remove()}>
          {t('action.remove')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
