// Adds a device that answers and is not configured: what it is, a try, the change of the file, and then it is saved.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { DeviceAddition } from '../../../edit/add-device.js';
import type { Kinds } from '../../../edit/kinds.js';
import { deviceHref } from '../pieces/address.js';
import { useSession, useSpeech } from '../pieces/session.js';
import { KindChoice } from './kind-choice.js';
import { Change, TriedOnce } from './outcome.js';
import { faultOf, freeId, kindOf, orderOf, type Draft, type Place } from './draft.js';

type Step = 'show' | 'try' | 'save';
type State =
  | { readonly at: 'rest' }
  | { readonly at: 'asking'; readonly step: Step }
  | { readonly at: 'refused'; readonly why: string };

interface AddFormProps {
  readonly place: Place;
  /** Ids that are taken. */
  readonly taken: readonly string[];
  readonly onClose: () => void;
}

export function AddForm({ place, taken, onClose }: AddFormProps): JSX.Element {
  const { api } = useSession();
  const { adding } = useSpeech().texts;
  const [kinds, setKinds] = useState<Kinds>();
  const [draft, setDraft] = useState<Draft>({ kind: '', id: '', label: '' });
  const [state, setState] = useState<State>({ at: 'rest' });
  const [answer, setAnswer] = useState<DeviceAddition>();
  const refuse = (error: unknown): void => {
    setState({ at: 'refused', why: error instanceof Error ? error.message : String(error) });
  };
  useEffect(() => {
    api.deviceKinds(place.address).then(setKinds, refuse);
  }, [api, place.address]);
  const change = (next: Partial<Draft>): void => {
    setDraft({ ...draft, ...next });
    setAnswer(undefined);
    setState({ at: 'rest' });
  };
  const ask = (step: Step): void => {
    if (state.at === 'asking') return;
    const fault = faultOf(draft, taken, adding);
    if (fault !== undefined) {
      setState({ at: 'refused', why: fault });
      return;
    }
    setState({ at: 'asking', step });
    const order = orderOf(draft, place);
    api.addDevice({ ...order, step, ...(answer === undefined ? {} : { mark: answer.mark }) }).then((said) => {
      setAnswer(said);
      setState({ at: 'rest' });
    }, refuse);
  };
  const isSaved = answer?.saved?.ok === true;
  return (
    <form
      class="adding"
      aria-label={adding.title(place.address)}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        ask('show');
      }}
    >
      <KindChoice
        kinds={kinds}
        kind={draft.kind}
        onChoose={(kind) => change({ kind, id: freeId(kindOf(kind).name, taken) })}
      />
      <Texted name={adding.id} value={draft.id} onType={(id) => change({ id })} />
      <Texted name={adding.label} value={draft.label} onType={(label) => change({ label })} />
      <Actions isAsking={state.at === 'asking'} onTry={() => ask('try')} onClose={onClose} />
      <div role="status">
        {state.at === 'asking' && (
          <p>{{ show: adding.showing, try: adding.trying, save: adding.saving }[state.step]}</p>
        )}
        {state.at === 'refused' && <p class="fault">{`${adding.refused} ${state.why}`}</p>}
        {answer?.tried !== undefined && <TriedOnce tried={answer.tried} />}
        {isSaved && <Saved id={draft.id} />}
      </div>
      {answer !== undefined && answer.tried === undefined && !isSaved && (
        <Change answer={answer} isAsking={state.at === 'asking'} onSave={() => ask('save')} />
      )}
    </form>
  );
}

interface ActionsProps {
  readonly isAsking: boolean;
  readonly onTry: () => void;
  readonly onClose: () => void;
}

function Actions({ isAsking, onTry, onClose }: ActionsProps): JSX.Element {
  const { adding } = useSpeech().texts;
  return (
    <div class="actions">
      <button type="button" aria-disabled={isAsking} onClick={onTry}>
        {adding.attempt}
      </button>
      <button type="submit" class="primary" aria-disabled={isAsking}>
        {adding.show}
      </button>
      <button type="button" onClick={onClose}>
        {adding.cancel}
      </button>
    </div>
  );
}

function Saved({ id }: { readonly id: string }): JSX.Element {
  const { facts } = useSession();
  const { adding } = useSpeech().texts;
  return (
    <p>
      {adding.saved} <a href={deviceHref({ gateway: facts.gateway, id }, facts.gateway)}>{adding.toDevice}</a>
    </p>
  );
}

interface TextedProps {
  readonly name: string;
  readonly value: string;
  readonly onType: (text: string) => void;
}

function Texted({ name, value, onType }: TextedProps): JSX.Element {
  return (
    <label>
      <span>{name}</span>
      <input
        type="text"
        value={value}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => {
          onType(event.currentTarget.value);
        }}
      />
    </label>
  );
}
