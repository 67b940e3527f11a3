// The script for zsh.
import type { Place, TypedCommand, TypedOption } from './table.js';

export function zshScript(commands: readonly TypedCommand[]): string {
  return `#compdef i2c-mqtt-gateway
# zsh completion for i2c-mqtt-gateway. In ~/.zshrc, behind compinit: source <(i2c-mqtt-gateway completion zsh)

_i2c_mqtt_gateway_names() {
  local -a names asked
  (( \${+opt_args[--config]} )) && asked+=(--config "\${(Q)opt_args[--config]}")
  (( \${+opt_args[--data]} )) && asked+=(--data "\${(Q)opt_args[--data]}")
  names=(\${(f)"$(_call_program names i2c-mqtt-gateway names $1 \${(q)line[1]} \${(q)line[2]} \${(q)asked} 2>/dev/null)"})
  names=(\${names//$'\\t'/:})
  if [[ $1 == arguments ]]; then _describe $1 names -S ''; else _describe $1 names; fi
}

_i2c_mqtt_gateway() {
  local context state state_descr line curcontext=$curcontext
  typeset -A opt_args
  _arguments -C '(- *)--help[what can be typed]' '(- *)--version[its version]' '1:command:->command' '*::argument:->arguments'
  case $state in
    command)
      local -a commands
      commands=(
${commands.map(({ name, description }) => `        ${quoted(`${name}:${description}`)}`).join('\n')}
      )
      _describe command commands
      ;;
    arguments)
      curcontext=\${curcontext%:*:*}:i2c-mqtt-gateway-$words[1]:
      case $words[1] in
${commands.map(caseOf).join('\n')}
      esac
      ;;
  esac
}

# As a file of its own it is loaded when it is first needed, as the function of its name.
if [[ $funcstack[1] == _i2c-mqtt-gateway ]]; then _i2c_mqtt_gateway; else compdef _i2c_mqtt_gateway i2c-mqtt-gateway; fi
`;
}

function caseOf({ name, options, places, goesOn }: TypedCommand): string {
  const specs = [
    ...options.map(optionSpec),
    ...places.map((place, index) => {
      const which = goesOn && index === places.length - 1 ? '*' : String(index + 1);
      return `${which}:${messageOf(place)}:${actionOf(place)}`;
    }),
  ];
  return [`        ${name})`, `          _arguments ${specs.map(quoted).join(' ')}`, '          ;;'].join(
    '\n',
  );
}

function optionSpec({ flag, description, value }: TypedOption): string {
  const about = `[${description.replace(/[[\]:\\]/g, String.raw`\$&`)}]`;
  if (value === undefined) return `${flag}${about}`;
  return `${flag}=${about}:${messageOf(value)}:${actionOf(value)}`;
}

function messageOf(place: Place): string {
  if (place.kind === 'names') return place.of;
  return place.kind === 'anything' || place.kind === 'words' ? 'value' : place.kind;
}

function actionOf(place: Place): string {
  if (place.kind === 'words') return `(${place.words.join(' ')})`;
  if (place.kind === 'names') return `{_i2c_mqtt_gateway_names ${place.of}}`;
  if (place.kind === 'anything') return ' ';
  return place.kind === 'file' ? '_files' : '_files -/';
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
