/* An I²C adapter that isn't there, for one process and its children, without rights: preloaded into them, it answers
   for the device file FAKED_I2C_PATH as Linux' i2c-dev does (Documentation/i2c/dev-interface.rst), with a transaction
   that takes as long as told. What it is told, and what it counts, is in the file FAKED_I2C_STATE, which all of them
   map: so it is seen when two of them are in the "driver" at once. The real i2c-bus runs on it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* faked-i2c-dev.ts has the same offsets. */
struct state {
  _Atomic uint64_t transactions, overlaps;
  _Atomic uint32_t in_driver;
  uint32_t transaction_ns, functions, open_errno;
  /* A driver that gives the wire its clock by itself spins (i2c-gpio); one of a controller sleeps until its interrupt. */
  uint32_t spins;
  _Atomic uint32_t calls[128];
  uint8_t transfer_errno[128], claim_errno[128];
  volatile uint8_t hangs[128];
  uint8_t memory[256], pointer;
  _Atomic uint32_t opens;
  /* Of the last transactions: which address, and how long the wire had rested before. */
  uint8_t order[256];
  uint32_t idle_ns[4096];
  uint64_t ended_ns;
};

#define MOST_FDS 1024
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static struct state *state;
/* Each write as a line of hex, the address first; of all processes, in the order of the wire. */
static int writes = -1;
/* i2c-dev has one address for each open file. */
static struct { ino_t file; uint8_t address; } opened[MOST_FDS];

__attribute__((constructor)) static void map_state(void) {
  const char *path = getenv("FAKED_I2C_STATE");
  int fd = path == NULL ? -1 : REAL(open)(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void *at = mmap(NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at != MAP_FAILED) state = at;
  close(fd);
  const char *log = getenv("FAKED_I2C_WRITES");
  if (log != NULL) writes = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* Node closes by a bare system call, which nothing can stand in for: whose descriptor it is, the file behind it tells. */
static int is_faked(int fd) {
  struct stat facts;
  if (fd < 0 || fd >= MOST_FDS || opened[fd].file == 0) return 0;
  int before = errno;
  if (fstat(fd, &facts) != 0 || facts.st_ino != opened[fd].file) opened[fd].file = 0;
  errno = before;
  return opened[fd].file != 0;
}

static int open_faked(const char *path) {
  struct stat facts;
  const char *faked = getenv("FAKED_I2C_PATH");
  if (state == NULL || faked == NULL || strcmp(path, faked) != 0) return -2;
  if (state->open_errno != 0) {
    errno = (int)state->open_errno;
    return -1;
  }
  int fd = memfd_create("faked-i2c", MFD_CLOEXEC);
  if (fd < 0 || fd >= MOST_FDS || fstat(fd, &facts) != 0) return -1;
  opened[fd].file = facts.st_ino;
  opened[fd].address = 0;
  atomic_fetch_add(&state->opens, 1);
  return fd;
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void wait_until(uint64_t end_ns) {
  struct timespec end = {(time_t)(end_ns / 1000000000u), (long)(end_ns % 1000000000u)};
  prctl(PR_SET_TIMERSLACK, 1);
  if (!state->spins) clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL);
  while (now_ns() < end_ns);
}

static int refused(int number) {
  if (number == 0) return 0;
  errno = number;
  return -1;
}

/* The wire is taken; -1 with errno where nobody acknowledges. */
static int transact(int fd) {
  uint8_t address = opened[fd].address;
  uint64_t began_ns = now_ns();
  if (atomic_fetch_add(&state->in_driver, 1) > 0) atomic_fetch_add(&state->overlaps, 1);
  uint64_t number = atomic_fetch_add(&state->transactions, 1);
  state->order[number % (sizeof state->order)] = address;
  state->idle_ns[number % (sizeof state->idle_ns / sizeof *state->idle_ns)] = (uint32_t)(began_ns - state->ended_ns);
  atomic_fetch_add(&state->calls[address], 1);
  wait_until(began_ns + state->transaction_ns);
  while (state->hangs[address]) usleep(1000);
  atomic_fetch_sub(&state->in_driver, 1);
  state->ended_ns = now_ns();
  return refused(state->transfer_errno[address]);
}

static void get(uint8_t *bytes, size_t length) {
  for (size_t n = 0; n < length; n += 1) bytes[n] = state->memory[state->pointer++];
}

static void put(const uint8_t *bytes, size_t length) {
  if (length > 0) state->pointer = bytes[0];
  for (size_t n = 1; n < length; n += 1) state->memory[state->pointer++] = bytes[n];
}

static int smbus(int fd, struct i2c_smbus_ioctl_data *call) {
  if (transact(fd) != 0) return -1;
  if (call->size == I2C_SMBUS_QUICK) return 0;
  state->pointer = call->command;
  if (call->read_write != I2C_SMBUS_READ) return refused(EOPNOTSUPP);
  if (call->size == I2C_SMBUS_BYTE_DATA) get(&call->data->byte, 1);
  else if (call->size == I2C_SMBUS_WORD_DATA) get((uint8_t *)&call->data->word, 2);
  else if (call->size == I2C_SMBUS_I2C_BLOCK_DATA) get(call->data->block + 1, call->data->block[0]);
  else return refused(EOPNOTSUPP);
  return 0;
}

int ioctl(int fd, unsigned long request, ...) {
  va_list rest;
  va_start(rest, request);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  if (!is_faked(fd)) return REAL(ioctl)(fd, request, argument);
  if (request == I2C_SMBUS) return smbus(fd, argument);
  if (request == I2C_FUNCS) {
    *(unsigned long *)argument = state->functions;
    return 0;
  }
  if (request != I2C_SLAVE) return refused(ENOTTY);
  uint8_t address = (uintptr_t)argument & 0x7f;
  if (refused(state->claim_errno[address]) != 0) return -1;
  opened[fd].address = address;
  return 0;
}

static ssize_t receive(int fd, void *bytes, size_t length) {
  if (transact(fd) != 0) return -1;
  get(bytes, length);
  return (ssize_t)length;
}

/* Before it takes its time: a process that is killed under it has written all the same. */
static void note_write(uint8_t address, const uint8_t *bytes, size_t length) {
  char line[2 * 64 + 4];
  size_t at = (size_t)sprintf(line, "%02x", address);
  for (size_t n = 0; n < length && n < 62; n += 1) at += (size_t)sprintf(line + at, "%02x", bytes[n]);
  line[at++] = '\n';
  if (REAL(write)(writes, line, at) < 0) abort();
}

static ssize_t transmit(int fd, const void *bytes, size_t length) {
  if (writes >= 0) note_write(opened[fd].address, bytes, length);
  if (transact(fd) != 0) return -1;
  put(bytes, length);
  return (ssize_t)length;
}

ssize_t read(int fd, void *bytes, size_t length) {
  return is_faked(fd) ? receive(fd, bytes, length) : REAL(read)(fd, bytes, length);
}
ssize_t pread(int fd, void *bytes, size_t length, off_t at) {
  return is_faked(fd) ? receive(fd, bytes, length) : REAL(pread)(fd, bytes, length, at);
}
ssize_t pread64(int fd, void *bytes, size_t length, off64_t at) {
  return is_faked(fd) ? receive(fd, bytes, length) : REAL(pread64)(fd, bytes, length, at);
}
ssize_t write(int fd, const void *bytes, size_t length) {
  return is_faked(fd) ? transmit(fd, bytes, length) : REAL(write)(fd, bytes, length);
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
  return is_faked(fd) ? transmit(fd, bytes, length) : REAL(pwrite)(fd, bytes, length, at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
  return is_faked(fd) ? transmit(fd, bytes, length) : REAL(pwrite64)(fd, bytes, length, at);
}

#define OPEN(name)                                             \
  int name(const char *path, int flags, ...) {                 \
    va_list rest;                                              \
    va_start(rest, flags);                                     \
    unsigned mode = va_arg(rest, unsigned);                    \
    va_end(rest);                                              \
    int fd = open_faked(path);                                 \
    return fd == -2 ? REAL(name)(path, flags, mode) : fd;      \
  }
OPEN(open)
OPEN(open64)
