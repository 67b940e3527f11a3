#!/usr/bin/env bash
# i2c-bus 5.2.3: after EBUSY for an address, the next call for the same address goes to address 0.
#
# Guess:   an address that a driver of the kernel holds is refused with EBUSY each time it is asked for.
# Happens: only the first call is. i2c-bus opens a file for each address and keeps it before it has set the address on it
#          (peripheralSync in i2c-bus.js); the second call finds that file and takes its address for set. A new file of
#          i2c-dev has address 0, the general call, to which every device may listen.
#
# No bus is needed: a small library stands in for /dev/i2c-99 as i2c-dev answers (Documentation/i2c/dev-interface.rst),
# and says what comes in. Needs Linux and a C compiler, which i2c-bus itself needs as well.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v cc >/dev/null || { echo 'a C compiler is needed (cc)' >&2; exit 2; }
npm install --prefix . --no-save --silent --no-audit --no-fund i2c-bus@5.2.3 || exit 2

cat >wire.c <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int bus_fd = -1;
static unsigned long address;

static int open_as(const char *name, const char *path, int flags, mode_t mode) {
  int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name);
  if (strcmp(path, "/dev/i2c-99") != 0) return real(path, flags, mode);
  address = 0;
  return bus_fd = real("/dev/null", flags, mode);
}

#define OPEN(name)                                  \
  int name(const char *path, int flags, ...) {      \
    va_list rest;                                   \
    va_start(rest, flags);                          \
    mode_t mode = (mode_t)va_arg(rest, int);        \
    va_end(rest);                                   \
    return open_as(#name, path, flags, mode);       \
  }
OPEN(open)
OPEN(open64)

int ioctl(int fd, unsigned long request, ...) {
  va_list rest;
  va_start(rest, request);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  if (fd != bus_fd) return ((int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl"))(fd, request, argument);
  if (request == I2C_SLAVE && (unsigned long)argument == 0x68) {
    errno = EBUSY; /* a clock's driver is bound there */
    return -1;
  }
  if (request == I2C_SLAVE) address = (unsigned long)argument;
  if (request == I2C_SMBUS) fprintf(stderr, "0x%02lx ", address);
  return 0;
}
C
cc -shared -fPIC -o wire.so wire.c -ldl

cat >show.cjs <<'JS'
const bus = require('i2c-bus').openSync(99);
const outcomes = [0x68, 0x68, 0x40].map((address) => {
  try {
    bus.readByteSync(address, 0);
    return 'answered';
  } catch ({ code }) {
    return code;
  }
});
console.log(outcomes.join(', '));
JS
outcomes=$(LD_PRELOAD=$PWD/wire.so node show.cjs 2>on-the-wire)
on_the_wire=$(xargs <on-the-wire)
echo "i2c-bus 5.2.3, two reads of 0x68, which is held, and one of 0x40: $outcomes"
echo "addresses on the wire: $on_the_wire"
[ "$outcomes" = 'EBUSY, answered, answered' ] && [ "$on_the_wire" = '0x00 0x40' ] || { echo 'changed' >&2; exit 1; }
