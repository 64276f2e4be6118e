/* Writes to a descriptor that the host handed over for reading: as it is, and opened again by its name in /proc. */
#include "hostile.h"

#include <sys/mman.h>

/* A store through a mapping, which no limit on the size of files sees. */
static int store(int fd, const char *word) {
  char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED)
    return 0;
  memcpy(memory, word, strlen(word));
  munmap(memory, 4096);
  return 1;
}

static void hostile_attack(void) {
  const char *word = hostile_text("word");
  int fd = (int)hostile_number("fd");
  char path[64];
  if (store(fd, word)) {
    hostile_succeeded("mapped", 6);
    return;
  }
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int again = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR, 0);
  if (again < 0)
    hostile_failed("openat");
  else if (!store(again, word))
    hostile_failed("mmap");
  else
    hostile_succeeded("opened again", 12);
}

HOSTILE_PLUGIN
