/* Leaves a child behind that goes on a tenth of a second after the runner died, and says so. */
#include "hostile.h"

#include <time.h>

static void hostile_attack(void) {
  pid_t parent = getpid(), child = fork();
  if (child < 0) {
    hostile_failed("fork");
    return;
  }
  if (child == 0) {
    const struct timespec moment = {0, 2000000}, tenth = {0, 100000000};
    alarm(5);
    setsid();
    while (getppid() == parent)
      nanosleep(&moment, NULL);
    nanosleep(&tenth, NULL);
    _exit(write(2, "outlived\n", 9) == 9 ? 0 : 1);
  }
  hostile_succeeded("", 0);
}

HOSTILE_PLUGIN
