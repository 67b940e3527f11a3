// The script for fish.
import type { Place, TypedCommand } from './table.js';

export function fishScript(commands: readonly TypedCommand[]): string {
  return `# fish completion for i2c-mqtt-gateway. In ~/.config/fish/config.fish: i2c-mqtt-gateway completion fish | source

# The words that are no options and no values of them: the command, and what stands behind it.
function __i2c_mqtt_gateway_places
    set -l takers ${takers(commands).join(' ')}
    set -l command ''
    set -l before ''
    for word in (commandline -opc)[2..-1]
        if test -n "$before"
            set before ''
        else if string match -q -- '-*' $word
            contains -- "$command $word" $takers; and set before $word
        else
            test -z "$command"; and set command $word
            echo $word
        end
    end
end

function __i2c_mqtt_gateway_at --argument-names command least most
    set -l places (__i2c_mqtt_gateway_places)
    set -l count (math (count $places) - 1)
    test "$places[1]" = $command; and test $count -ge $least; and test $count -le $most
end

function __i2c_mqtt_gateway_names
    set -l asked
    set -l words (commandline -opc)
    for option in --config --data
        set -l at (contains -i -- $option $words); and set -a asked $option $words[(math $at + 1)]
    end
    i2c-mqtt-gateway names $argv (__i2c_mqtt_gateway_places)[2..3] $asked 2>/dev/null
end

complete -c i2c-mqtt-gateway -e
complete -c i2c-mqtt-gateway -f
complete -c i2c-mqtt-gateway -n 'test (count (__i2c_mqtt_gateway_places)) -eq 0' -l help -d 'what can be typed'
complete -c i2c-mqtt-gateway -n 'test (count (__i2c_mqtt_gateway_places)) -eq 0' -l version -d 'its version'
${commands.flatMap(linesOf).join('\n')}
`;
}

const MOST_WORDS = 99;

function linesOf({ name, description, options, places, goesOn }: TypedCommand): string[] {
  const when = `-n '__i2c_mqtt_gateway_at ${name} 0 ${String(MOST_WORDS)}'`;
  return [
    complete(`-n 'test (count (__i2c_mqtt_gateway_places)) -eq 0' -a ${name} -d ${quoted(description)}`),
    ...options.map(({ flag, description: about, value }) =>
      complete(
        `${when} -l ${flag.slice(2)}${value === undefined ? '' : ` -r ${wordsOf(value)}`} -d ${quoted(about)}`,
      ),
    ),
    ...places.flatMap((place, index) => {
      if (place.kind === 'anything') return [];
      const most = goesOn && index === places.length - 1 ? MOST_WORDS : index;
      return [
        complete(`-n '__i2c_mqtt_gateway_at ${name} ${String(index)} ${String(most)}' ${wordsOf(place)}`),
      ];
    }),
  ];
}

function complete(rest: string): string {
  return `complete -c i2c-mqtt-gateway ${rest}`;
}

function wordsOf(place: Place): string {
  switch (place.kind) {
    case 'words':
      return `-f -a ${quoted(place.words.join(' '))}`;
    case 'names':
      return `-f -a '(__i2c_mqtt_gateway_names ${place.of})'`;
    case 'folder':
      return "-f -a '(__fish_complete_directories)'";
    case 'file':
      return '-F';
    case 'anything':
      return '-f';
  }
}

function takers(commands: readonly TypedCommand[]): string[] {
  return commands.flatMap(({ name, options }) =>
    options.flatMap(({ flag, value }) => (value === undefined ? [] : [`'${name} ${flag}'`])),
  );
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;
}
