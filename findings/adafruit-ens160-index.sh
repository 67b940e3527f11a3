#!/usr/bin/env bash
# adafruit-circuitpython-ens160 1.1.2: the worst air is told as the best.
#
# Guess:   `AQI` is what the chip has in its register 0x21: 1 (excellent) to 5 (unhealthy), three bits by its data sheet.
# Happens: the driver takes two of them: 4 is told as 0, and 5 as 1, which is excellent.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps adafruit-circuitpython-ens160==1.1.2 \
  adafruit-circuitpython-busdevice==5.2.17 adafruit-circuitpython-register==1.13.0 adafruit-circuitpython-typing==1.13.0 typing-extensions==4.16.0 || exit 2

cat >"$work/show.py" <<'PY'
import sys
from types import SimpleNamespace

# Where the board's own modules would be: the drivers want names of them in their signatures.
sys.modules["busio"] = SimpleNamespace(I2C=object, SPI=object)
sys.modules["digitalio"] = SimpleNamespace(DigitalInOut=object)
sys.modules["micropython"] = SimpleNamespace(const=int)
from adafruit_ens160 import ENS160  # noqa: E402


class Bus:
    """A chip that has its part number, is well, and has new data."""

    def __init__(self):
        self.registers = bytearray(256)
        self.registers[0x00:0x02] = b"\x60\x01"
        self.registers[0x20] = 0x02

    def try_lock(self):
        return True

    def unlock(self):
        pass

    def writeto(self, address, buffer, *, start=0, end=None):
        sent = bytes(buffer[start:end])
        for offset, byte in enumerate(sent[1:]):
            if sent[0] + offset not in (0x00, 0x01, 0x20):
                self.registers[sent[0] + offset] = byte

    def writeto_then_readfrom(self, address, out_buffer, in_buffer, *, out_start=0, out_end=None, in_start=0, in_end=None):
        register = out_buffer[out_start]
        place = memoryview(in_buffer)[in_start:in_end]
        place[:] = self.registers[register : register + len(place)]


bus = Bus()
chip = ENS160(bus)
told = {}
for index in range(1, 6):
    bus.registers[0x21] = index
    told[index] = chip.AQI
print("adafruit-circuitpython-ens160 1.1.2, index in the register: told", told)
assert told == {1: 1, 2: 2, 3: 3, 4: 0, 5: 1}, told
PY
"$work/venv/bin/python" "$work/show.py"
