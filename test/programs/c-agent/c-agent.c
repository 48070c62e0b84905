/*
 * An agent that is no Node program: speaks the control channel on descriptor 3, one JSON object a line. Says hello, answers ping.
 * For tests it can also be told to bring foreign code in: {"kind":"map-foreign"}.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ZERO_8 "00000000"
#define ZERO_KEY ZERO_8 ZERO_8 ZERO_8 ZERO_8 ZERO_8 ZERO_8 ZERO_8 ZERO_8

static void say(const char *line) {
  size_t length = strlen(line);
  while (length > 0) {
    ssize_t count = write(3, line, length);
    if (count <= 0) _exit(1);
    line += count;
    length -= (size_t)count;
  }
}

/* Code that no file of any directory stands behind. */
static void map_foreign(void) {
  int file = memfd_create("payload", 0);
  if (file < 0 || ftruncate(file, 4096) != 0) _exit(1);
  if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0) == MAP_FAILED) _exit(1);
  close(file);
}

int main(void) {
  char line[65536];
  FILE *control = fdopen(3, "r");
  if (control == NULL) return 1;
  /* It has drawn no keys, and takes no part in the group's. */
  say("{\"kind\":\"hello\",\"kemKey\":\"0x" ZERO_KEY "\",\"frameKey\":\"0x" ZERO_KEY "\"}\n");
  while (fgets(line, sizeof line, control) != NULL) {
    if (strstr(line, "\"kind\":\"ping\"") != NULL) say("{\"kind\":\"pong\"}\n");
    if (strstr(line, "\"kind\":\"map-foreign\"") != NULL) {
      map_foreign();
      say("{\"kind\":\"done\",\"of\":\"map-foreign\"}\n");
    }
  }
  return 0;
}
