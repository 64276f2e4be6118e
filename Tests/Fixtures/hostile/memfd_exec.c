/* Starts a program that lies in no folder: a copy of the dynamic loader in a memory file. */
#include "hostile.h"

#include <sys/mman.h>

static void run(void) {
  static char block[65536];
  ssize_t got;
  char *const arguments[] = {"ld.so", "--version", NULL}, *const environment[] = {NULL};
  int from = (int)syscall(SYS_openat, AT_FDCWD, hostile_text("loader"), O_RDONLY, 0);
  if (from < 0) {
    hostile_failed("openat");
    return;
  }
  int to = (int)syscall(SYS_memfd_create, "x", MFD_CLOEXEC);
  if (to < 0) {
    hostile_failed("memfd_create");
    return;
  }
  while ((got = read(from, block, sizeof block)) > 0)
    if (write(to, block, (size_t)got) != got) {
      hostile_failed("write");
      return;
    }
  dup2(2, 1);
  syscall(SYS_execveat, to, "", arguments, environment, AT_EMPTY_PATH);
  hostile_failed("execveat");
}

static void hostile_attack(void) {
  /* The child's report is lost when it succeeds, and the test's evidence is what the loader prints. */
  hostile_in_child(run);
  if (strncmp(hostile_answer, "stopped\nthe child ended with status 0", 38) == 0)
    hostile_succeeded("", 0);
}

HOSTILE_PLUGIN
