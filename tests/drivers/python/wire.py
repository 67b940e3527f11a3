"""The far end of the wire is the program that started this one: a line says what is to be done, a line answers."""

import sys
import time

from sensirion_i2c_driver.transceiver_v1 import I2cTransceiverV1


class NotAcknowledged(OSError):
    """As a bus of CircuitPython and Linux has it."""

    def __init__(self):
        super().__init__(6, "not acknowledged")


def ask(*words):
    print(*words, flush=True)
    answer = sys.stdin.readline().strip()
    if answer == "no_ack":
        raise NotAcknowledged()
    if answer.startswith("!"):
        raise RuntimeError(answer[1:].strip())
    return bytes.fromhex(answer)


class Clock:
    """Drivers wait on the clock of the simulated bus: a pause costs no time, and the target knows of it."""

    def __init__(self):
        self.seconds = 0.0

    def sleep(self, seconds):
        self.seconds += max(0.0, seconds)
        ask("wait", round(seconds * 1000, 3))

    def monotonic(self):
        # A driver that waits by looking at the clock would else wait for ever.
        self.seconds += 0.001
        return self.seconds

    def replace(self):
        time.sleep = self.sleep
        time.monotonic = self.monotonic
        time.monotonic_ns = lambda: int(self.monotonic() * 1e9)
        time.perf_counter = self.monotonic


class Busio:
    """The I2C object that drivers for CircuitPython take."""

    def try_lock(self):
        return True

    def unlock(self):
        pass

    def writeto(self, address, buffer, *, start=0, end=None):
        ask("write", address, bytes(buffer[start:end]).hex() or "-")

    def readfrom_into(self, address, buffer, *, start=0, end=None):
        place = memoryview(buffer)[start:end]
        place[:] = ask("read", address, len(place))

    def writeto_then_readfrom(
        self, address, out_buffer, in_buffer, *, out_start=0, out_end=None, in_start=0, in_end=None
    ):
        place = memoryview(in_buffer)[in_start:in_end]
        written = bytes(out_buffer[out_start:out_end]).hex() or "-"
        place[:] = ask("both", address, written, len(place))


class Transceiver:
    """What sensirion-i2c-driver takes (its API version 1)."""

    API_VERSION = 1
    channel_count = None

    def transceive(self, slave_address, tx_data, rx_length, read_delay, timeout):
        received = b""
        try:
            if tx_data is not None:
                ask("write", slave_address, bytes(tx_data).hex() or "-")
            if read_delay > 0:
                time.sleep(read_delay)
            if rx_length is not None:
                received = ask("read", slave_address, rx_length)
        except NotAcknowledged as error:
            return I2cTransceiverV1.STATUS_NACK, error, b""
        return I2cTransceiverV1.STATUS_OK, None, received
