/* A test harness and a fake host for plugins, in one header: every test program is one file. */
#ifndef SLUICE_TESTING_H
#define SLUICE_TESTING_H

#include "sluice_kit.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tests_passed, tests_failed, tests_skipped, checks_failed;

#define CHECK(condition)                                                                                               \
  do {                                                                                                                 \
    if (!(condition)) {                                                                                                \
      checks_failed++;                                                                                                 \
      fprintf(stderr, "  %s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                                        \
    }                                                                                                                  \
  } while (0)

#define CHECK_TEXT(actual, wanted) check_text(__FILE__, __LINE__, (actual), (wanted))
#define CHECK_HAS(actual, part) check_has(__FILE__, __LINE__, (actual), (part))

static inline void check_text(const char *file, int line, const char *actual, const char *wanted) {
  if (strcmp(actual, wanted) == 0) return;
  checks_failed++;
  fprintf(stderr, "  %s:%d:\n    is     %s\n    wanted %s\n", file, line, actual, wanted);
}

static inline void check_has(const char *file, int line, const char *actual, const char *part) {
  if (strstr(actual, part)) return;
  checks_failed++;
  fprintf(stderr, "  %s:%d: `%s` lacks `%s`\n", file, line, actual, part);
}

static inline void run_test(const char *name, void (*test)(void)) {
  checks_failed = 0;
  int skipped = tests_skipped;
  test();
  if (checks_failed) {
    tests_failed++;
  } else if (tests_skipped == skipped) {
    tests_passed++;
  }
  fprintf(stderr, "%s %s\n", checks_failed ? "FAILED " : tests_skipped == skipped ? "passed " : "skipped", name);
}

#define RUN(test) run_test(#test, test)

static inline int finish_tests(void) {
  printf("%d passed, %d failed, %d skipped\n", tests_passed, tests_failed, tests_skipped);
  return tests_failed ? 1 : 0;
}

/* A small generator (xorshift64*): a failing seed can be used again. */
static inline uint64_t next_random(uint64_t *state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * UINT64_C(2685821657736338717);
}

/* ------------------------------------------------------------ the fake host */

static struct {
  const uint8_t *data;      /* stream 0 */
  uint64_t size;
  uint64_t bytes_read;
  uint64_t reads;
  uint64_t fail_after;      /* reads until read_at fails; 0: never */
  uint32_t cancelled;
} fake;

static inline uint32_t fake_cancelled(sluice_handle context) {
  (void)context;
  return fake.cancelled;
}

static inline sluice_status fake_read_at(sluice_handle context, uint32_t stream, uint64_t offset, void *buffer,
                                         uint64_t size, uint64_t *got, sluice_error *error) {
  (void)context, (void)stream;
  fake.reads++;
  if (fake.fail_after && fake.reads > fake.fail_after) {
    return sluice_kit_fail(error, SLUICE_TRANSIENT_ERROR, "The fake host does not read on.");
  }
  uint64_t left = offset < fake.size ? fake.size - offset : 0;
  *got = size < left ? size : left;
  /* Short answers are allowed: a plugin must ask again. */
  if (*got > 10000) *got = 10000;
  if (*got) memcpy(buffer, fake.data + offset, *got);
  fake.bytes_read += *got;
  return SLUICE_OK;
}

static inline sluice_status fake_stream_size(sluice_handle context, uint32_t stream, uint64_t *size,
                                             sluice_error *error) {
  (void)context, (void)stream, (void)error;
  *size = fake.size;
  return SLUICE_OK;
}

static inline void fake_progress(sluice_handle context, uint64_t done, uint64_t total) {
  (void)context, (void)done, (void)total;
}

static const sluice_host fake_host = {
    .struct_size = sizeof(sluice_host),
    .progress = fake_progress,
    .cancelled = fake_cancelled,
    .read_at = fake_read_at,
    .stream_size = fake_stream_size,
};

static inline const sluice_plugin *load_plugin(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    fprintf(stderr, "%s\n", dlerror());
    exit(2);
  }
  sluice_plugin_entry_fn entry;
  *(void **)&entry = dlsym(library, SLUICE_PLUGIN_ENTRY);
  sluice_host_info info = {.struct_size = sizeof info, .abi_major = SLUICE_ABI_MAJOR, .abi_minor = SLUICE_ABI_MINOR,
                           .host = &fake_host};
  sluice_host_info old = info;
  old.abi_major = SLUICE_ABI_MAJOR + 1;
  if (!entry || entry(&old) != NULL) {
    fprintf(stderr, "%s: the entry point must refuse a host of another ABI\n", path);
    exit(2);
  }
  return entry(&info);
}

/* The text as a C string that the caller frees. */
static inline char *take_text(sluice_text *text) {
  char *copy = malloc(text->size + 1);
  if (!copy) exit(2);
  if (text->size) memcpy(copy, text->data, text->size);
  copy[text->size] = 0;
  if (text->release) text->release(text);
  return copy;
}

/* "CODE message"; clears the error. */
static inline char *take_error(sluice_error *error) {
  char *copy = malloc(error->message.size + 16);
  if (!copy) exit(2);
  sprintf(copy, "%d %.*s", error->code, (int)error->message.size, error->message.data ? error->message.data : "");
  sluice_kit_error_clear(error);
  return copy;
}

#endif
