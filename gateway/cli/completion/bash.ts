// The script for bash.
import type { Place, TypedCommand } from './table.js';

export function bashScript(commands: readonly TypedCommand[]): string {
  return `# bash completion for i2c-mqtt-gateway. In ~/.bashrc: source <(i2c-mqtt-gateway completion bash)
_i2c_mqtt_gateway() {
  local program=$1 cur=\${COMP_WORDS[COMP_CWORD]} word command= option= asked=() places=() want= i
  COMPREPLY=()
  [[ $cur == = ]] && cur=
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    # --data=x comes as three words.
    [[ $word == = ]] && continue
    if [[ -n $option ]]; then
      case $option in --config | --data) asked+=("$option" "$word") ;; esac
      option=
    elif [[ $word == -* ]]; then
      case "$command $word" in
        ${takers(commands).join(' | ')}) option=$word ;;
      esac
    elif [[ -z $command ]]; then
      command=$word
    else
      places+=("$word")
    fi
  done
  case "$command $option" in
    ' ') want='${commands.map(({ name }) => name).join(' ')} --help --version' ;;
${values(commands).join('\n')}
    *' ')
      case "$command \${#places[@]}" in
${placesOf(commands).join('\n')}
      esac
      [[ $cur == -* ]] && case $command in
${commands.map(({ name, options }) => `        ${name}) want='${options.map(({ flag }) => flag).join(' ')}' ;;`).join('\n')}
      esac
      ;;
  esac
  case $want in
    '') ;;
    @file) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    @folder) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
    @*)
      want=$("$program" names "\${want#@}" "\${places[@]:0:2}" "\${asked[@]}" 2>/dev/null | cut -f1)
      [[ $want == *= ]] && compopt -o nospace
      mapfile -t COMPREPLY < <(compgen -W "$want" -- "$cur")
      ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$want" -- "$cur") ;;
  esac
}
complete -F _i2c_mqtt_gateway i2c-mqtt-gateway
`;
}

/** `'start --config'`: behind which a value stands. */
function takers(commands: readonly TypedCommand[]): string[] {
  return commands.flatMap(({ name, options }) =>
    options.flatMap(({ flag, value }) => (value === undefined ? [] : [`'${name} ${flag}'`])),
  );
}

function values(commands: readonly TypedCommand[]): string[] {
  return commands.flatMap(({ name, options }) =>
    options.flatMap(({ flag, value }) =>
      value === undefined || value.kind === 'anything'
        ? []
        : [`    '${name} ${flag}') want='${want(value)}' ;;`],
    ),
  );
}

function placesOf(commands: readonly TypedCommand[]): string[] {
  return commands.flatMap(({ name, places, goesOn }) =>
    places.flatMap((place, index) => {
      if (place.kind === 'anything') return [];
      const isEndless = goesOn && index === places.length - 1;
      return [`        '${name} '${isEndless ? '*' : String(index)}) want='${want(place)}' ;;`];
    }),
  );
}

function want(place: Place): string {
  if (place.kind === 'words') return place.words.join(' ');
  return place.kind === 'names' ? `@${place.of}` : `@${place.kind}`;
}
