/* Takes and fills memory until it gets none or has `bytes`, which the test keeps small. */
#include "hostile.h"

#include <sys/mman.h>

#define CHUNK (UINT64_C(16) << 20)

static void hostile_attack(void) {
  uint64_t wanted = hostile_number("bytes"), had = 0;
  for (; had < wanted && had < UINT64_C(1) << 30; had += CHUNK) {
    void *memory = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
      break;
    memset(memory, 1, CHUNK);
  }
  if (had < wanted)
    hostile_failed("mmap");
  else
    hostile_succeeded_with(had);
}

HOSTILE_PLUGIN
