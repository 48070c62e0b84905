/* Traces the process whose number it is given until its standard input ends, as a debugger would. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <unistd.h>

int main(int argc, char **argv) {
  char byte;
  if (argc != 2 || ptrace(PTRACE_SEIZE, atoi(argv[1]), NULL, NULL) != 0) return 1;
  puts("traced");
  fflush(stdout);
  while (read(0, &byte, 1) > 0) continue;
  return 0;
}
