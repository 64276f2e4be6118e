/* Checks of instances and ids: what is unknown is refused, two instances do not meet, a thousand leave nothing behind. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "prober.h"

static void unknown_extension(void) {
  static const char *const unknown[] = {"org.example.unknown/1", "sluice.unknown/1", "sluice/4294967295"};
  load_plugin();
  if (!plugin.table.get_extension) {
    if (task.n_extensions > 0)
      failed("the manifest names the extension %.64s and the plugin has no get_extension", task.extensions[0]);
    return;
  }
  for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
    note("get_extension(\"%s\")", unknown[i]);
    if (plugin.table.get_extension(sluice_kit_str(unknown[i])))
      failed("get_extension returned a table for %s, an id that nobody gave out", unknown[i]);
  }
  for (uint32_t i = 0; i < task.n_extensions; i++) {
    note("get_extension(\"%.64s\")", task.extensions[i]);
    const void *table = plugin.table.get_extension(sluice_kit_str(task.extensions[i]));
    if (!table)
      failed("get_extension returned NULL for %.64s, which the manifest names", task.extensions[i]);
    if (table != plugin.table.get_extension(sluice_kit_str(task.extensions[i])))
      failed("get_extension returned another table for %.64s the second time", task.extensions[i]);
  }
}

/* --- garbage -------------------------------------------------------------------------------------------------------- */

#define GARBAGE_KINDS 6

/* Ids that nobody gave out: empty, long, not UTF-8, with NULs, with quotes, random. `room` takes 64 KiB. */
static sluice_str garbage(unsigned kind, uint64_t *seed, char *room) {
  static const struct {
    const char *data;
    size_t size;
  } fixed[] = {{"no such thing", 13}, {"\xFF\xFE\xC0\x80", 4}, {"film\0x", 6}, {"\"]}'; DROP TABLE film; --", 25}};
  if (kind < sizeof fixed / sizeof *fixed)
    return (sluice_str){fixed[kind].data, fixed[kind].size};
  size_t size = kind == 4 ? 65536 : 1 + random_next(seed) % 200;
  for (size_t i = 0; i < size; i++)
    room[i] = kind == 4 ? 'x' : (char)random_next(seed);
  return (sluice_str){room, size};
}

static void garbage_connector(struct session *session, sluice_str id, unsigned kind) {
  struct ArrowSchema schema;
  struct ArrowArrayStream stream;
  struct text_slot text;
  struct error_slot error;
  const sluice_connector_ops *ops = &plugin.ops.connector;
  memset(&schema, 0, sizeof schema);
  memset(&stream, 0, sizeof stream);
  text_slot_begin(&text);
  error_slot_begin(&error);
  note("schema(table=garbage %u)", kind);
  if (ops->schema && ops->schema(session->instance, id, &schema, &text.text, &error.error) == SLUICE_OK)
    failed("schema returned SLUICE_OK for a table that there is not");
  error_slot_end(&error, "the error of schema");
  text_slot_begin(&text);
  error_slot_begin(&error);
  note("split(table=garbage %u)", kind);
  if (ops->split && ops->split(session->instance, id, 2, &text.text, &error.error) == SLUICE_OK)
    failed("split returned SLUICE_OK for a table that there is not");
  error_slot_end(&error, "the error of split");
  sluice_kit_writer request = {0};
  sluice_kit_begin_object(&request);
  sluice_kit_key(&request, "table");
  sluice_kit_cstring(&request, session->n_tables > 0 ? session->tables[0] : "");
  sluice_kit_key(&request, "split");
  sluice_kit_string(&request, id);
  sluice_kit_end_object(&request);
  sluice_str asked = {request.data, request.size};
  error_slot_begin(&error);
  note("scan(split=garbage %u)", kind);
  if (ops->scan && ops->scan(session->instance, asked, &stream, &error.error) == SLUICE_OK)
    failed("scan returned SLUICE_OK for a split that there is not");
  error_slot_end(&error, "the error of scan");
  sluice_kit_writer_free(&request);
}

static void garbage_provider(struct session *session, sluice_str id, unsigned kind) {
  struct error_slot error;
  uint64_t tokens = 0;
  error_slot_begin(&error);
  note("token_estimate(model=garbage %u)", kind);
  if (plugin.ops.provider.token_estimate) /* an estimate for a model that it does not know is allowed */
    plugin.ops.provider.token_estimate(session->instance, id, sluice_kit_str("first name"), &tokens, &error.error);
  error_slot_end(&error, "the error of token_estimate");
}

static void garbage_id(void) {
  struct session session;
  uint64_t seed = task.seed;
  static char room[65536];
  load_plugin();
  require_use();
  session_begin(&session);
  session_step(&session); /* what there is */
  for (unsigned kind = 0; kind < GARBAGE_KINDS; kind++) {
    sluice_str id = garbage(kind, &seed, room);
    if (plugin.table.get_extension) {
      note("get_extension(garbage %u)", kind);
      if (plugin.table.get_extension(id))
        failed("get_extension returned a table for garbage");
    }
    if (plugin.table.kind == SLUICE_KIND_CONNECTOR)
      garbage_connector(&session, id, kind);
    if (plugin.table.kind == SLUICE_KIND_PROVIDER)
      garbage_provider(&session, id, kind);
  }
  session_reset(&session);
  session_run(&session); /* and it works as before */
  session_end(&session);
}

/* --- two instances -------------------------------------------------------------------------------------------------- */

static int step_of(struct session *session) {
  expect_context(session->context);
  int more = session_step(session);
  expect_context(0);
  if (foreign_service())
    failed("a call to one instance used the other's context for %s", foreign_service());
  return more;
}

static void two_instances(void) {
  struct session first, second;
  load_plugin();
  require_use();
  uint64_t alone = steady_use();
  session_begin(&first);
  session_begin(&second);
  if (first.instance == second.instance)
    failed("create returned the same instance twice");
  int more[2] = {1, 1};
  while (more[0] || more[1]) {
    more[0] = more[0] && step_of(&first);
    more[1] = more[1] && step_of(&second);
  }
  if (differs(first.digest, alone) || differs(second.digest, alone))
    failed("an instance answers otherwise when another one is used in turn with it");
  session_end(&first);
  session_reset(&second);
  second.digest = 0;
  session_run(&second);
  if (differs(second.digest, alone))
    failed("an instance answers otherwise once another one was destroyed");
  session_end(&second);
}

/* --- a thousand ----------------------------------------------------------------------------------------------------- */

/* Threads that live: counted here, because there is no /proc to ask. A library's call of pthread_create arrives here
 * first, as those of relay.c do. */
static atomic_int threads;

struct start {
  void *(*run)(void *);
  void *argument;
};

static void ended(void *nothing) {
  (void)nothing;
  atomic_fetch_sub(&threads, 1);
}

static void *counted(void *given) {
  struct start start = *(struct start *)given;
  void *result;
  free(given);
  pthread_cleanup_push(ended, NULL);
  result = start.run(start.argument);
  pthread_cleanup_pop(1);
  return result;
}

__attribute__((visibility("default"))) int pthread_create(pthread_t *restrict thread,
                                                          const pthread_attr_t *restrict attributes,
                                                          void *(*run)(void *), void *restrict argument) {
  static int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
  if (!next) {
    void *symbol = dlsym(RTLD_NEXT, "pthread_create");
    memcpy(&next, &symbol, sizeof next);
  }
  struct start *start = malloc(sizeof *start);
  if (!start)
    return EAGAIN;
  start->run = run;
  start->argument = argument;
  atomic_fetch_add(&threads, 1);
  int error = next(thread, attributes, counted, start);
  if (error) {
    atomic_fetch_sub(&threads, 1);
    free(start);
  }
  return error;
}

struct footprint {
  uint64_t heap, space;
  int descriptors, threads;
};

/* The address space that is taken, found by what can still be had of RLIMIT_AS: 0 when there is no limit. A page is
 * told from the next. */
static uint64_t space_left(void) {
  uint64_t had = 0;
  for (uint64_t step = UINT64_C(1) << 42; step >= 4096; step /= 2) {
    void *memory = mmap(NULL, had + step, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
      continue;
    munmap(memory, had + step);
    had += step;
  }
  return had;
}

static int open_descriptors(void) {
  int n = 0;
  for (int fd = 0; fd < 4200; fd++)
    n += fcntl(fd, F_GETFD) >= 0;
  return n;
}

static struct footprint footprint(int threads_before) {
  const struct timespec tick = {0, 1000000};
  struct footprint now;
  /* Threads that were told to end may take a moment. */
  for (int i = 0; i < 500 && atomic_load(&threads) > threads_before; i++)
    nanosleep(&tick, NULL);
  struct mallinfo2 heap = mallinfo2();
  now.heap = heap.uordblks + heap.hblkhd;
  now.space = space_left();
  now.descriptors = open_descriptors();
  now.threads = atomic_load(&threads);
  return now;
}

/* As many as `most`, or as the time allows: a debug build may take 50 ms for one. Returns how many. */
static uint64_t create_and_destroy(int most, int64_t milliseconds) {
  int64_t until = now_ns() + milliseconds * 1000000;
  int n = 0;
  while (n < most && (n < 20 || now_ns() < until)) {
    struct session session;
    session_begin(&session);
    session_end(&session);
    n++;
  }
  return (uint64_t)n;
}

static void create_destroy(void) {
  load_plugin();
  create_and_destroy(10, 0);
  struct footprint few = footprint(INT32_MAX);
  create_and_destroy(190, 1000);
  struct footprint before = footprint(few.threads);
  uint64_t first = create_and_destroy(400, 3000);
  struct footprint middle = footprint(before.threads);
  uint64_t second = create_and_destroy(400, 3000);
  struct footprint after = footprint(before.threads);
  /* What leaks grows in both halves by a block each time, of which malloc's smallest is 24 bytes. */
  if (middle.heap > before.heap + first * 12 && after.heap > middle.heap + second * 12)
    failed("the heap grows with every instance that is made and destroyed");
  /* A run time may open and start something of its own, once. What runs out stops growing: so from early on. */
  if (after.descriptors > few.descriptors + 4)
    failed("descriptors stay open when instances are destroyed");
  if (after.threads > few.threads + 4)
    failed("threads go on when instances are destroyed");
  if (before.space > middle.space && middle.space > after.space &&
      before.space - after.space >= (first + second) * 4096)
    failed("mappings stay when instances are destroyed");
}

const struct check life_checks[] = {
    {"unknown_extension", unknown_extension, 0},
    {"garbage_id", garbage_id, 0},
    {"two_instances", two_instances, 0},
    {"create_destroy", create_destroy, 0},
    {NULL, NULL, 0},
};
