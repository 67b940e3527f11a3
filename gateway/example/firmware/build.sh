#!/usr/bin/env bash
# Builds Arduino sketches for an ATmega328P (Uno, Nano, Pro Mini at 16 MHz) with nothing but Debian's packages:
#   apt-get install gcc-avr avr-libc arduino-core-avr
#
#   build.sh                    builds every sketch beside this script: <name>/<name>.ino → <name>/<name>.hex
#   build.sh SKETCHES           the same for the sketches in the folder SKETCHES
#   build.sh SKETCHES OUT       writes OUT/<name>.hex and leaves the sources' folder alone
#
# The output depends on the sources and the tools' versions only: no dates, no paths, no link-time optimiser.
# toolchain.txt, beside the .hex files, tells the versions they were built with. Exit code 3: a tool is missing.
set -euo pipefail
export LC_ALL=C

sketches=$(cd "${1:-$(dirname "${BASH_SOURCE[0]}")}" && pwd)
out=${2:-}
avr=${ARDUINO_AVR:-/usr/share/arduino/hardware/arduino/avr}

command -v avr-gcc >/dev/null || { echo "build.sh: avr-gcc is missing; apt-get install gcc-avr avr-libc" >&2; exit 3; }
[ -d "$avr/cores/arduino" ] || { echo "build.sh: no Arduino core in $avr; apt-get install arduino-core-avr" >&2; exit 3; }

mkdir -p "${out:-$sketches}"
libc=$(printf '#include <avr/version.h>\n__AVR_LIBC_VERSION_STRING__\n' | avr-gcc -mmcu=atmega328p -E -P -x c - | tail -n 1 | tr -d '"')
core=$(sed -n 's/^version=//p' "$avr/platform.txt")
echo "avr-gcc $(avr-gcc -dumpversion), avr-libc $libc, Arduino AVR core $core" > "${out:-$sketches}/toolchain.txt"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

target=(-mmcu=atmega328p -Os -ffunction-sections -fdata-sections -w
  -DF_CPU=16000000L -DARDUINO=10819 -DARDUINO_AVR_UNO -DARDUINO_ARCH_AVR
  -DDECIMAL_DIG=__DECIMAL_DIG__ # the core's WString.cpp wants it of float.h, which has it for C only before GCC 6
  -I"$avr/cores/arduino" -I"$avr/variants/standard"
  -I"$avr/libraries/Wire/src" -I"$avr/libraries/EEPROM/src")

compile() { # compile SOURCE OBJECT
  case "$1" in
    *.c) avr-gcc -c -std=gnu11 "${target[@]}" "$1" -o "$2" ;;
    *.S) avr-gcc -c -x assembler-with-cpp "${target[@]}" "$1" -o "$2" ;;
    # The Arduino IDE puts this include at the head of a sketch.
    *.ino) avr-g++ -c -x c++ -std=gnu++11 -fno-exceptions -fno-threadsafe-statics -include Arduino.h "${target[@]}" "$1" -o "$2" ;;
    *) avr-g++ -c -std=gnu++11 -fno-exceptions -fno-threadsafe-statics "${target[@]}" "$1" -o "$2" ;;
  esac
}

for source in "$avr"/cores/arduino/*.{c,cpp,S} "$avr"/libraries/Wire/src/Wire.cpp "$avr"/libraries/Wire/src/utility/twi.c; do
  compile "$source" "$work/core-$(basename "$source").o"
done
avr-gcc-ar rcsD "$work/core.a" "$work"/core-*.o

for folder in "$sketches"/*/; do
  name=$(basename "$folder")
  [ -f "$folder/$name.ino" ] || continue
  compile "$folder/$name.ino" "$work/$name.o"
  avr-gcc -mmcu=atmega328p -Os -Wl,--gc-sections "$work/$name.o" "$work/core.a" -lm -o "$work/$name.elf"
  if [ -n "$out" ]; then hex="$out/$name.hex"; else hex="$folder/$name.hex"; fi
  avr-objcopy -O ihex -R .eeprom "$work/$name.elf" "$work/$name.hex"
  tr -d '\r' < "$work/$name.hex" > "$hex"
  echo "$name: $(avr-size "$work/$name.elf" | awk 'NR == 2 { print $1 + $2 " bytes of flash, " $2 + $3 " bytes of RAM" }')"
done
