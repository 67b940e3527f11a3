// One command as a form, from its description: checked before it is sent, held until it is answered.
import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { channelOf } from '../live/command-desk.js';
import type { Device, ShownCommand } from '../live/model.js';
import type { Value } from '../../../../shared/sample.js';
import { useChannel, useSession, useSpeech } from '../pieces/session.js';
import { durationText } from '../words/times.js';
import { ArgumentInput } from './argument-input.js';
import { Outcome } from './outcome.js';
import { checked, checkedEnd, fieldShowing, firstTyped, UNITS, type Unit } from './typed.js';

interface CommandFormProps {
  readonly device: Device;
  readonly command: ShownCommand;
}

interface Ending {
  readonly text: string;
  readonly unit: Unit;
}

export function CommandForm({ device, command }: CommandFormProps): JSX.Element {
  const { desk } = useSession();
  const speech = useSpeech();
  const { gateway, id } = device;
  useChannel(channelOf(gateway, id, command.id));
  // What stands in an input that nobody has touched goes with the value; what somebody has typed stays.
  const [typed, setTyped] = useState<Readonly<Record<string, string | boolean>>>({});
  const [ending, setEnding] = useState<Ending>({ text: '', unit: 's' });
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const passage = desk.passage(gateway, id, command.id);
  const isPending = passage?.state === 'pending';
  const nowOf = (argument: (typeof command.args)[number]): Value | undefined => {
    const field = fieldShowing(command, argument, device.state.values.keys());
    return field === undefined ? undefined : device.state.values.get(field);
  };
  const submit = (): void => {
    if (isPending) return;
    const found: Record<string, string> = {};
    const args: Record<string, Value> = {};
    for (const argument of command.args) {
      const text = typed[argument.id] ?? firstTyped(argument, nowOf(argument), speech.locale);
      const result = checked(argument, text, speech);
      if ('fault' in result) found[argument.id] = result.fault;
      else args[argument.id] = result.value;
    }
    const end =
      command.ending === undefined ? {} : checkedEnd(command.ending, ending.text, ending.unit, speech);
    if ('fault' in end) found[END] = end.fault;
    setFaults(found);
    if (Object.keys(found).length > 0 || 'fault' in end) return;
    desk.send({ gateway, device: id, name: command.id, args, ...end });
  };
  return (
    <form
      data-command={command.id}
      aria-label={command.label}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {command.args.map((argument) => (
        <ArgumentInput
          key={argument.id}
          argument={argument}
          value={typed[argument.id] ?? firstTyped(argument, nowOf(argument), speech.locale)}
          now={nowOf(argument)}
          fault={faults[argument.id]}
          onType={(text) => setTyped({ ...typed, [argument.id]: text })}
        />
      ))}
      {command.ending !== undefined && (
        <EndingInput command={command} ending={ending} fault={faults[END]} onType={setEnding} />
      )}
      <button type="submit" class="primary" aria-disabled={isPending}>
        {command.label}
      </button>
      <Outcome device={device} command={command} passage={passage} />
    </form>
  );
}

/** No argument has a name like it. */
const END = ' for';

interface EndingInputProps {
  readonly command: ShownCommand;
  readonly ending: Ending;
  readonly fault: string | undefined;
  readonly onType: (ending: Ending) => void;
}

function EndingInput({ command, ending, fault, onType }: EndingInputProps): JSX.Element {
  const { texts } = useSpeech();
  const id = useId();
  const { defaultMs, maxMs = 0 } = command.ending ?? {};
  const hints = [
    ...(defaultMs === undefined ? [] : [texts.command.lastsDefault(durationText(defaultMs))]),
    texts.command.lastsMost(durationText(maxMs)),
  ];
  return (
    <div class="argument">
      <label for={id}>{texts.command.lasts}</label>
      <div class="typed">
        <input
          id={id}
          name="for"
          type="text"
          inputMode="decimal"
          autocomplete="off"
          value={ending.text}
          aria-invalid={fault !== undefined}
          aria-describedby={`${id}-hint`}
          onInput={(event) => onType({ ...ending, text: event.currentTarget.value })}
        />
        <select
          aria-label={texts.command.lasts}
          value={ending.unit}
          onChange={(event) =>
            onType({ ...ending, unit: UNITS.find((one) => one === event.currentTarget.value) ?? 's' })
          }
        >
          {UNITS.map((unit) => (
            <option key={unit} value={unit}>
              {texts.command.units[unit]}
            </option>
          ))}
        </select>
      </div>
      <p id={`${id}-hint`} class="hint">
        {hints.join(', ')} {fault !== undefined && <strong class="fault">{fault}</strong>}
      </p>
    </div>
  );
}
