/* Looks for many byte strings in many files at once: search NEEDLES < PATHS
 *
 * NEEDLES: for each a byte of flags, a length of two bytes, little-endian and 8 at least, and the bytes. Flags are 1: compare
 * without regard to the case of ASCII letters, the needle is in lower case; 2: no ASCII letter or digit may stand beside it;
 * 4: digits that a hash, a fraction or a time may hold by chance, and that are passed over in those. PATHS: one a line.
 * Prints PATH, offset and number of the needle with tabs between them, and at the end how many bytes were looked at. Status 2
 * for a file that cannot be read.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOLDED = 1, ALONE = 2, BARE = 4, KEY = 8, BLOOM_BITS = 26 };

struct needle {
  uint8_t flags;
  uint16_t size;
  const uint8_t *bytes;
  uint32_t next;
};

struct table {
  uint64_t *bloom;
  uint32_t *heads;
  uint64_t mask;
};

static struct needle *needles;
static uint32_t count;

static uint64_t hash(const uint8_t *bytes) {
  uint64_t key;
  memcpy(&key, bytes, KEY);
  key *= UINT64_C(0x9E3779B97F4A7C15);
  return key ^ key >> 29;
}

static void *allocate(size_t number, size_t size) {
  void *memory = calloc(number, size);
  if (!memory)
    exit(2);
  return memory;
}

static uint8_t *read_all(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return NULL;
  size_t room = 1 << 20;
  uint8_t *bytes = malloc(room);
  *size = 0;
  for (size_t got = 1; bytes && got; *size += got) {
    if (*size == room)
      bytes = realloc(bytes, room *= 2);
    got = bytes ? fread(bytes + *size, 1, room - *size, file) : 0;
  }
  fclose(file);
  return bytes;
}

static void load(const char *path, struct table tables[2]) {
  size_t size;
  const uint8_t *bytes = read_all(path, &size);
  if (!bytes)
    exit(2);
  for (size_t at = 0; at + 3 <= size; at += 3 + (size_t)(bytes[at + 1] | bytes[at + 2] << 8))
    count++;
  uint64_t slots = 1;
  while (slots < count * UINT64_C(2))
    slots *= 2;
  needles = allocate(count + 1, sizeof *needles);
  for (int i = 0; i < 2; i++) {
    tables[i].bloom = allocate((1u << BLOOM_BITS) / 64, 8);
    tables[i].heads = allocate(slots, sizeof *tables[i].heads);
    tables[i].mask = slots - 1;
  }
  size_t at = 0;
  for (uint32_t i = 1; i <= count; i++) {
    struct needle *needle = &needles[i];
    needle->flags = bytes[at];
    needle->size = (uint16_t)(bytes[at + 1] | bytes[at + 2] << 8);
    needle->bytes = bytes + at + 3;
    at += 3u + needle->size;
    if (needle->size < KEY || at > size)
      exit(2);
    struct table *table = &tables[needle->flags & FOLDED];
    uint64_t key = hash(needle->bytes), bit = key >> (64 - BLOOM_BITS);
    table->bloom[bit / 64] |= UINT64_C(1) << bit % 64;
    needle->next = table->heads[key & table->mask];
    table->heads[key & table->mask] = i;
  }
}

static int is_alone(const uint8_t *bytes, size_t size, size_t at, size_t length) {
  return !(at > 0 && isalnum(bytes[at - 1])) && !(at + length < size && isalnum(bytes[at + length]));
}

/* Whether the digits stand in hexadecimal digits of a hash, behind a point, or in a time in milliseconds. */
static int is_chance(const uint8_t *bytes, size_t size, size_t at, size_t length) {
  size_t from = at, to = at + length;
  while (from > 0 && isdigit(bytes[from - 1]))
    from--;
  while (to < size && isdigit(bytes[to]))
    to++;
  if (to - from == 13 || (from > 0 && bytes[from - 1] == '.' && to - from > length))
    return 1;
  int letters = 0;
  while (from > 0 && isxdigit(bytes[from - 1]))
    letters += !isdigit(bytes[--from]);
  while (to < size && isxdigit(bytes[to]))
    letters += !isdigit(bytes[to++]);
  return letters > 0 && to - from >= 16;
}

static void search(const char *path, const uint8_t *bytes, size_t size, const struct table *table) {
  for (size_t at = 0; at + KEY <= size; at++) {
    uint64_t key = hash(bytes + at), bit = key >> (64 - BLOOM_BITS);
    if (!(table->bloom[bit / 64] >> bit % 64 & 1))
      continue;
    for (uint32_t i = table->heads[key & table->mask]; i; i = needles[i].next) {
      const struct needle *needle = &needles[i];
      if (needle->size <= size - at && memcmp(needle->bytes, bytes + at, needle->size) == 0 &&
          (!(needle->flags & ALONE) || is_alone(bytes, size, at, needle->size)) &&
          (!(needle->flags & BARE) || !is_chance(bytes, size, at, needle->size)))
        printf("%s\t%zu\t%u\n", path, at, i - 1);
    }
  }
}

int main(int argc, char **argv) {
  struct table tables[2];
  if (argc != 2)
    return 2;
  load(argv[1], tables);
  char *path = NULL;
  size_t room = 0;
  uint64_t total = 0;
  for (ssize_t got; (got = getline(&path, &room, stdin)) > 0;) {
    if (path[got - 1] == '\n')
      path[got - 1] = 0;
    size_t size;
    uint8_t *bytes = read_all(path, &size);
    if (!bytes) {
      fprintf(stderr, "%s cannot be read\n", path);
      return 2;
    }
    total += size;
    search(path, bytes, size, &tables[0]);
    for (size_t i = 0; i < size; i++)
      bytes[i] = (uint8_t)(bytes[i] >= 'A' && bytes[i] <= 'Z' ? bytes[i] | 0x20 : bytes[i]);
    search(path, bytes, size, &tables[1]);
    free(bytes);
  }
  printf("%llu\n", (unsigned long long)total);
  return 0;
}
