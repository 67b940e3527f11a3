// The commands of a device, as far as this user may send them.
import type { JSX } from 'preact';
import type { Device } from '../live/model.js';
import { mayCommand, useSession, useSpeech } from '../pieces/session.js';
import { CommandForm } from './command-form.js';

export function Commands({ device }: { readonly device: Device }): JSX.Element {
  const session = useSession();
  const { texts } = useSpeech();
  const all = [...device.meta.commands.values()];
  const allowed = all.filter(({ id }) => mayCommand(session, device, id));
  return (
    <section aria-labelledby="commands" class="commands">
      <h2 id="commands">{texts.device.commands}</h2>
      {all.length === 0 && <p class="quiet">{texts.device.noCommands}</p>}
      {all.length > 0 && allowed.length === 0 && <p class="quiet">{texts.device.noRights}</p>}
      {allowed.map((command) => (
        <CommandForm key={command.id} device={device} command={command} />
      ))}
    </section>
  );
}
