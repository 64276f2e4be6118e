/* What stands around every call: inputs that are borrowed, outputs that are owned, and errors. */
#define _GNU_SOURCE
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "prober.h"

#define PAGE 4096u /* at least; mappings are rounded up by the kernel */
#define MOST_INPUTS 256
#define MARK 0xA5

struct style style;
struct timing timing;

static struct {
  void *memory;
  size_t size;
} inputs[MOST_INPUTS];
static unsigned n_inputs;

static struct error_slot the_error;
static int64_t began_ns;
static atomic_uint_fast64_t begun;

void out_of_memory(void) { skipped("there is not enough memory for this check"); }

/* --- inputs --------------------------------------------------------------------------------------------------------- */

/* In a mapping of its own, at its end: a reader that goes too far falls off. */
/* A struct's size is a multiple of its alignment, so what ends with the page is aligned. */
static void *guarded(const void *data, size_t size) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = (size + page - 1) / page * page + page;
  if (n_inputs == MOST_INPUTS)
    out_of_memory();
  uint8_t *memory = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED || mprotect(memory + whole - page, page, PROT_NONE) != 0)
    out_of_memory();
  inputs[n_inputs].memory = memory;
  inputs[n_inputs++].size = whole;
  uint8_t *place = memory + whole - page - size;
  if (size && data)
    memcpy(place, data, size);
  return place;
}

void *input_copy(const void *data, size_t size) {
  return style.guards_inputs ? guarded(data, size) : (void *)(uintptr_t)data;
}

sluice_str input_text(const void *data, uint64_t size) {
  sluice_str text = {data, size};
  if (style.guards_inputs)
    text.data = guarded(data, size);
  return text;
}

void inputs_end(void) {
  for (unsigned i = 0; i < n_inputs; i++)
    if (mprotect(inputs[i].memory, inputs[i].size, PROT_NONE) != 0)
      out_of_memory();
  n_inputs = 0; /* they stay, so that nothing else comes to lie there */
}

/* --- outputs -------------------------------------------------------------------------------------------------------- */

void digest_add(uint64_t *digest, const void *data, uint64_t size) {
  const uint8_t *bytes = data;
  uint64_t hash = *digest ? *digest : UINT64_C(0xcbf29ce484222325); /* FNV-1a */
  for (uint64_t i = 0; i < size; i++)
    hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
  *digest = (hash ^ size) * UINT64_C(0x100000001b3);
}

static void mark(uint8_t *beyond) { memset(beyond, MARK, BEYOND); }

static void require_marks(const uint8_t *beyond, const char *what) {
  for (unsigned i = 0; i < BEYOND; i++)
    if (beyond[i] != MARK)
      failed("%s was written beyond the struct that this version of the ABI knows", what);
}

/* The known part may be lowered to, never raised. */
static void require_size(uint32_t size, uint32_t least, uint32_t given, const char *what) {
  if (size < least || size > given)
    failed("%s came back with a struct_size that is neither what it was given nor what was written", what);
}

void text_slot_begin(struct text_slot *slot) {
  memset(slot, 0, sizeof *slot);
  mark(slot->beyond);
  slot->text.struct_size = (uint32_t)sizeof slot->text + style.beyond;
}

void floats_slot_begin(struct floats_slot *slot) {
  memset(slot, 0, sizeof *slot);
  mark(slot->beyond);
  slot->floats.struct_size = (uint32_t)sizeof slot->floats + style.beyond;
}

void error_slot_begin(struct error_slot *slot) {
  memset(slot, 0, sizeof *slot);
  mark(slot->beyond);
  slot->error.struct_size = (uint32_t)sizeof slot->error + style.beyond;
}

/* A release through `self`, elsewhere if outputs are moved. */
#define RELEASE(Type, self, what, may_be_static)                                                                       \
  do {                                                                                                                 \
    Type *given = (self), *place = given;                                                                              \
    if (style.checks_releases && !given->release && !(may_be_static))                                                  \
      failed("%s has no release", what);                                                                               \
    if (!given->release)                                                                                               \
      break;                                                                                                           \
    if (style.moves_outputs) {                                                                                         \
      if (!(place = malloc(sizeof *place)))                                                                            \
        out_of_memory();                                                                                               \
      *place = *given;                                                                                                 \
      memset(given, 0xDD, sizeof *given);                                                                              \
    }                                                                                                                  \
    note("release of %s", what);                                                                                       \
    place->release(place);                                                                                             \
    if (style.checks_releases && place->release)                                                                       \
      failed("the release of %s does not set itself to NULL", what);                                                   \
    if (place != given)                                                                                                \
      free(place);                                                                                                     \
  } while (0)

void text_slot_end(struct text_slot *slot, const char *what, uint64_t *digest) {
  require_marks(slot->beyond, what);
  if (style.beyond)
    require_size(slot->text.struct_size, SLUICE_TEXT_SIZE_V1, (uint32_t)sizeof slot->text + style.beyond, what);
  if (!slot->text.data && slot->text.size)
    failed("%s has a size and no data", what);
  if (digest)
    digest_add(digest, slot->text.data, slot->text.size);
  RELEASE(sluice_text, &slot->text, what, 0);
  slot->text.release = NULL; /* also where it lay before it was moved */
}

void floats_slot_end(struct floats_slot *slot, const char *what, uint64_t *digest) {
  require_marks(slot->beyond, what);
  if (style.beyond)
    require_size(slot->floats.struct_size, SLUICE_FLOATS_SIZE_V1, (uint32_t)sizeof slot->floats + style.beyond, what);
  uint64_t values = slot->floats.rows * slot->floats.dimensions;
  if (values && !slot->floats.data)
    failed("%s has rows and no data", what);
  if (digest)
    digest_add(digest, slot->floats.data, values * sizeof(float));
  RELEASE(sluice_floats, &slot->floats, what, slot->floats.rows == 0);
}

void error_slot_end(struct error_slot *slot, const char *what) {
  require_marks(slot->beyond, what);
  if (style.beyond)
    require_size(slot->error.struct_size, SLUICE_ERROR_SIZE_V1, (uint32_t)sizeof slot->error + style.beyond, what);
  RELEASE(sluice_error, &slot->error, what, 1);
}

static void digest_schema(uint64_t *digest, const struct ArrowSchema *schema) {
  for (int64_t i = 0; i < schema->n_children; i++) {
    const struct ArrowSchema *child = schema->children[i];
    digest_add(digest, child->name ? child->name : "", child->name ? strlen(child->name) : 0);
    digest_add(digest, child->format, strlen(child->format));
  }
}

void schema_end(struct ArrowSchema *schema, const char *what, uint64_t *digest) {
  if (digest)
    digest_schema(digest, schema);
  if (style.moves_outputs && schema->n_children > 0 && schema->children[0]->release) {
    /* A child may be moved out too; its parent is released first. */
    struct ArrowSchema child = *schema->children[0];
    schema->children[0]->release = NULL;
    RELEASE(struct ArrowSchema, schema, what, 0);
    RELEASE(struct ArrowSchema, &child, what, 0);
    return;
  }
  RELEASE(struct ArrowSchema, schema, what, 0);
}

/* --- calls ---------------------------------------------------------------------------------------------------------- */

static int http_went_well, http_failed;

void calls_caveat(void) {
  if (http_failed && !http_went_well)
    caveat("no call that asks for http went well: its quirks state no answers that it takes, and what comes behind an "
           "answer was not tried");
}

uint64_t calls_begun(void) { return atomic_load(&begun); }

struct error_slot *call_begin(struct session *session, const char *function) {
  note("%s", function);
  error_slot_begin(&the_error);
  if (session)
    context_begin_call(session->context);
  began_ns = now_ns();
  atomic_fetch_add(&begun, 1);
  return &the_error;
}

static void look_at_error(const char *function, sluice_status status) {
  char what[96];
  fprintf(stderr, "%s: %s: %.*s\n", function, status_name(status), SLUICE_KIT_ARG(the_error.error.message));
  snprintf(what, sizeof what, "the error of %s", function);
  error_slot_end(&the_error, what);
}

void call_refused(const char *function, sluice_status status) {
  inputs_end();
  look_at_error(function, status);
}

int call_end(struct session *session, const char *function, sluice_status status) {
  int64_t took = now_ns() - began_ns;
  if (took > timing.longest_ns) {
    timing.longest_ns = took;
    snprintf(timing.longest, sizeof timing.longest, "%s", function);
  }
  inputs_end();
  if (status != SLUICE_OK) {
    look_at_error(function, status);
    if (status == SLUICE_TIMEOUT && style.may_stop) {
      if (session)
        session->stopped = 1;
      return 0;
    }
    /* What a provider makes of an answer that no quirk of its own wrote for this call is not this suite's to judge. */
    if (session && context_http(session->context) &&
        (task.n_answers == 0 || (task.provider_call && strcmp(function, task.provider_call) != 0))) {
      http_failed = 1;
      return 0;
    }
    failed("%s returned %s %s", function, status_name(status), style.setting ? style.setting : "in ordinary use");
  }
  if (session && context_http(session->context))
    http_went_well = 1;
  error_slot_end(&the_error, "the error of a call that went well");
  return 1;
}
