"""Lets one driver after the other read its chip: a line `chip address` comes in, a line `= JSON` or `! why` goes out."""

import json
import math
import sys

from chips import CHIPS
from wire import Clock


def plain(value):
    value = getattr(value, "value", value)
    if isinstance(value, float) and math.isnan(value):
        return None
    return value if isinstance(value, (int, float, str, bool)) or value is None else str(value)


def main():
    clock = Clock()
    clock.replace()
    for line in sys.stdin:
        chip, address = line.split()
        try:
            values = {name: plain(value) for name, value in CHIPS[chip](int(address)).items()}
            print("=", json.dumps(values), flush=True)
        except Exception as error:  # whatever a driver throws is its answer
            print("!", f"{type(error).__name__}: {error}".replace("\n", " "), flush=True)


main()
