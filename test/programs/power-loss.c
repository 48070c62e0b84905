/*
 * A loss of power between write and sync, for LD_PRELOAD: at the POWER_LOSS_AT-th sync every file loses what has not been synced yet,
 * and the process is killed. Who acknowledges before that sync has resolved is found out.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST 4096

static off_t synced[MOST];
static int calls;

static int is_written(int fd, struct stat *found) {
  int flags = fcntl(fd, F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && fstat(fd, found) == 0 && S_ISREG(found->st_mode);
}

static void lose_power(void) {
  struct stat found;
  for (int fd = 3; fd < MOST; fd++) {
    if (is_written(fd, &found) && found.st_size > synced[fd] && ftruncate(fd, synced[fd]) != 0) _exit(99);
  }
  raise(SIGKILL);
}

static int lose_or_sync(int fd, const char *name) {
  const char *at = getenv("POWER_LOSS_AT");
  struct stat found;
  int written = fd >= 0 && fd < MOST && is_written(fd, &found);
  if (written && at != NULL && __sync_add_and_fetch(&calls, 1) == atoi(at)) lose_power();
  int (*sync)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  int result = sync(fd);
  if (written && result == 0) synced[fd] = found.st_size;
  return result;
}

int fdatasync(int fd) { return lose_or_sync(fd, "fdatasync"); }
int fsync(int fd) { return lose_or_sync(fd, "fsync"); }

int close(int fd) {
  int (*really)(int) = (int (*)(int))dlsym(RTLD_NEXT, "close");
  if (fd >= 0 && fd < MOST) synced[fd] = 0;
  return really(fd);
}
