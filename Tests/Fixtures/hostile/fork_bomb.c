/* Starts children until it may not or there are `count`; each says one line and ends with the attack. */
#include "hostile.h"

static void hostile_attack(void) {
  uint64_t count = hostile_number("count"), made = 0;
  int ends[2];
  char byte;
  if (pipe2(ends, O_CLOEXEC) != 0) {
    hostile_failed("pipe2");
    return;
  }
  for (; made < count && made < 64; made++) {
    pid_t child = fork();
    if (child < 0)
      break;
    if (child == 0) {
      alarm(5);
      close(ends[1]);
      ssize_t told = write(2, "child\n", 6);
      _exit(told == 6 && read(ends[0], &byte, 1) == 0 ? 0 : 1);
    }
  }
  if (made < count)
    hostile_failed("fork");
  else
    hostile_succeeded_with(made);
  close(ends[1]);
  while (made--)
    waitpid(-1, NULL, 0);
  close(ends[0]);
}

HOSTILE_PLUGIN
