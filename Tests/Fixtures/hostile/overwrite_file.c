/* Changes a file that it may read, by a store through a mapping: no limit on the size of files counts that. */
#include "hostile.h"

#include <sys/mman.h>

static void hostile_attack(void) {
  const char *word = hostile_text("word");
  int fd = (int)syscall(SYS_openat, AT_FDCWD, hostile_text("path"), O_RDWR, 0);
  if (fd < 0) {
    hostile_failed("openat");
    return;
  }
  char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) {
    hostile_failed("mmap");
    return;
  }
  memcpy(memory, word, strlen(word));
  hostile_succeeded(word, strlen(word));
}

HOSTILE_PLUGIN
