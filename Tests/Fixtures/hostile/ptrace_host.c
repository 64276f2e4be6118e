/* Becomes the tracer of the host, without stopping it. */
#include "hostile.h"

#include <sys/ptrace.h>

static void hostile_attack(void) {
  pid_t host = (pid_t)hostile_number("pid");
  if (ptrace(PTRACE_SEIZE, host, NULL, NULL) != 0)
    hostile_failed("ptrace");
  else
    hostile_succeeded("", 0); /* the kernel lets go of the host when this thread ends */
}

HOSTILE_PLUGIN
