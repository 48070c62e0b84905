/*
 * A loss of power between write and sync, for LD_PRELOAD: at the POWER_LOSS_AT-th sync the file loses what has not been synced yet, and
 * the process is killed. Who acknowledges before that sync has resolved is found out.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST 4096

static off_t synced[MOST];
static int calls;

static int lose_or_sync(int fd, const char *name) {
  const char *at = getenv("POWER_LOSS_AT");
  struct stat found;
  int regular = fd >= 0 && fd < MOST && fstat(fd, &found) == 0 && S_ISREG(found.st_mode);
  if (regular && at != NULL && __sync_add_and_fetch(&calls, 1) == atoi(at)) {
    if (ftruncate(fd, synced[fd]) != 0) _exit(99);
    raise(SIGKILL);
  }
  int (*sync)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  int result = sync(fd);
  if (regular && result == 0) synced[fd] = found.st_size;
  return result;
}

int fdatasync(int fd) { return lose_or_sync(fd, "fdatasync"); }
int fsync(int fd) { return lose_or_sync(fd, "fsync"); }

int close(int fd) {
  int (*really)(int) = (int (*)(int))dlsym(RTLD_NEXT, "close");
  if (fd >= 0 && fd < MOST) synced[fd] = 0;
  return really(fd);
}
