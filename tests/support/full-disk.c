/* Makes the disk full for one process, without rights: preloaded into it, it answers "no space left on device" to
   whatever the process writes into SQLite's files, and "nothing free" to statfs, while the file DISK_FULL_FLAG names
   is there. Reading, and writing anything else, goes on. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

static int full(void) {
  const char *flag = getenv("DISK_FULL_FLAG");
  return flag != NULL && access(flag, F_OK) == 0;
}

static int refused(int fd) {
  int before = errno;
  char link[32], path[4096];
  if (!full()) {
    errno = before;
    return 0;
  }
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  errno = before;
  if (length < 0) return 0;
  path[length] = 0;
  if (strstr(path, ".sqlite") == NULL) return 0;
  errno = ENOSPC;
  return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t size) {
  return refused(fd) ? -1 : REAL(write)(fd, data, size);
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
  return refused(fd) ? -1 : REAL(pwrite)(fd, data, size, at);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
  return refused(fd) ? -1 : REAL(pwrite64)(fd, data, size, at);
}
int fallocate(int fd, int mode, off_t at, off_t size) {
  return refused(fd) ? -1 : REAL(fallocate)(fd, mode, at, size);
}
int posix_fallocate(int fd, off_t at, off_t size) {
  return refused(fd) ? ENOSPC : REAL(posix_fallocate)(fd, at, size);
}
int statfs(const char *path, struct statfs *facts) {
  int result = REAL(statfs)(path, facts);
  if (result == 0 && full()) facts->f_bavail = facts->f_bfree = 0;
  return result;
}
int statfs64(const char *path, struct statfs64 *facts) {
  int result = REAL(statfs64)(path, facts);
  if (result == 0 && full()) facts->f_bavail = facts->f_bfree = 0;
  return result;
}
