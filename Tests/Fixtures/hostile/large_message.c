/* Answers with a text of `bytes`, all of which it has; without the memory it claims to. */
#define HOSTILE_ANSWER(out) answer(out)
#define _GNU_SOURCE
#include "../fixture.h"
static sluice_status answer(sluice_text *out);
#include "hostile.h"

#include <sys/mman.h>

static void hostile_attack(void) {}

static void keep(sluice_text *self) { self->release = NULL; }

static sluice_status answer(sluice_text *out) {
  static char little[4096];
  uint64_t size = hostile_number("bytes");
  void *memory = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  out->data = memory == MAP_FAILED ? little : memory;
  out->size = size;
  out->release = keep;
  return SLUICE_OK;
}

HOSTILE_PLUGIN
