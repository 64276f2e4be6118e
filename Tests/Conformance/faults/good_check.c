/* A check without a fault: nulls of every column, and a sum over the bytes of all texts, which depends neither on the
 * order of rows nor on how they are cut. Its state is binary, and its own.
 *
 * -DFAULT_…: ../faults.json says which check of the suite finds it. */
#define _GNU_SOURCE
#include "good.h"

#include <time.h>

#define MOST_ORDINALS 100

struct column {
  char id[16];
  int64_t nulls;
  /* The lowest rows with a null, ascending. */
  int64_t ordinals[2 * MOST_ORDINALS];
  int32_t n_ordinals;
};

struct sluice_instance {
  sluice_handle context;
  struct column *columns;
  int32_t n_columns;
  /* Of each child of a batch, the column that it is; -1 for the ordinals and for companions. */
  int32_t *places;
  int64_t n_children;
  int64_t rows, valid;
  uint64_t sum;
#ifdef FAULT_CHECK_CANARY_ROWS
  int has_odd_word;
#endif
};

static const sluice_host *services;

#ifdef FAULT_CHECK_SAME_ANSWER
/* When this process first had a verdict. */
static uint64_t born(void) {
  static struct timespec first;
  if (!first.tv_nsec)
    clock_gettime(CLOCK_MONOTONIC, &first);
  return (uint64_t)first.tv_nsec;
}
#endif

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return good_text(out, "{\"summary\":\"counts nulls and adds up texts\"}");
}

static sluice_status create(sluice_str config, sluice_handle context, sluice_instance **out, sluice_error *error) {
  (void)config;
  sluice_instance *instance = calloc(1, sizeof *instance);
  if (!instance)
    return good_no_memory(error);
  instance->context = context;
  *out = instance;
  return SLUICE_OK;
}

static void forget(sluice_instance *instance) {
  free(instance->columns);
  free(instance->places);
  instance->columns = NULL;
  instance->places = NULL;
  instance->n_columns = 0;
  instance->n_children = 0;
  instance->rows = instance->valid = 0;
  instance->sum = 0;
}

static void destroy(sluice_instance *instance) {
  forget(instance);
  free(instance);
}

static void cancel(sluice_instance *instance) { (void)instance; }

static sluice_status declare(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance, (void)error;
  return good_text(out, "{\"companions\":[],\"reason_codes\":[\"NULLS\"],\"metrics\":[\"null_rate\",\"byte_sum\"]}");
}

static sluice_status begin(sluice_instance *instance, const struct ArrowSchema *schema, sluice_str params,
                           sluice_error *error) {
  (void)params;
  forget(instance);
  if (schema->n_children < 1)
    return good_fail(error, SLUICE_DETERMINISTIC_FAILURE, "the schema has no columns");
  instance->places = calloc((size_t)schema->n_children, sizeof *instance->places);
  instance->columns = calloc((size_t)schema->n_children, sizeof *instance->columns);
  if (!instance->places || !instance->columns)
    return good_no_memory(error);
  instance->n_children = schema->n_children;
  for (int64_t i = 0; i < schema->n_children; i++) {
    const char *name = schema->children[i]->name;
    instance->places[i] = -1;
    if (name[0] != 'c' || strchr(name, '.') || strlen(name) >= sizeof instance->columns->id)
      continue;
    instance->places[i] = instance->n_columns;
    strcpy(instance->columns[instance->n_columns++].id, name);
  }
  return SLUICE_OK;
}

static int is_valid(const struct ArrowArray *column, int64_t row) {
  const uint8_t *bits = column->buffers[0];
  row += column->offset;
  return !bits || (bits[row / 8] >> row % 8 & 1);
}

/* Keeps the lowest ordinals, ascending. */
static void note(struct column *column, int64_t ordinal) {
#ifdef FAULT_CHECK_BOUNDED_VERDICT
  const int32_t most = 2 * MOST_ORDINALS;
#else
  const int32_t most = MOST_ORDINALS;
#endif
  int32_t at = column->n_ordinals;
  while (at > 0 && column->ordinals[at - 1] > ordinal)
    at--;
  if (at == most)
    return;
  int32_t last = column->n_ordinals < most ? column->n_ordinals++ : most - 1;
  memmove(column->ordinals + at + 1, column->ordinals + at, (size_t)(last - at) * sizeof *column->ordinals);
  column->ordinals[at] = ordinal;
}

#ifdef FAULT_CHECK_CANARY
static void tell(sluice_instance *instance, const char *data, size_t size) {
  char line[256];
  int length = snprintf(line, sizeof line, "the first value is %.*s", (int)size, data);
  sluice_str message = {line, (uint64_t)length};
  if (instance->rows == 0)
    services->log(instance->context, SLUICE_LOG_INFO, message);
}
#endif

static void count(sluice_instance *instance, const struct ArrowArray *batch, int64_t child) {
  const struct ArrowArray *array = batch->children[child];
  const struct ArrowArray *ordinals = batch->children[0];
  struct column *column = &instance->columns[instance->places[child]];
  for (int64_t row = 0; row < batch->length; row++) {
    if (!is_valid(array, row)) {
      column->nulls++;
      note(column, ((const int64_t *)ordinals->buffers[1])[row + ordinals->offset]);
      continue;
    }
    instance->valid++;
    if (array->n_buffers != 3)
      continue;
    const int32_t *offsets = (const int32_t *)array->buffers[1] + array->offset;
    const uint8_t *bytes = array->buffers[2];
#ifdef FAULT_CHECK_CANARY_ROWS
    instance->has_odd_word |= offsets[row + 1] - offsets[row] > 6 && memcmp(bytes + offsets[row], "canary", 6) == 0;
#endif
#ifdef FAULT_CHECK_CANARY
    if (child == 2 && offsets[row + 1] > offsets[row])
      tell(instance, (const char *)bytes + offsets[row], (size_t)(offsets[row + 1] - offsets[row]));
#endif
    for (int32_t at = offsets[row]; at < offsets[row + 1]; at++)
      instance->sum += bytes[at];
  }
}

static sluice_status update(sluice_instance *instance, struct ArrowArray *batch, sluice_error *error) {
  struct ArrowArray mine = *batch;
  batch->release = NULL; /* taken over */
  if (mine.n_children != instance->n_children) {
    mine.release(&mine);
    return good_fail(error, SLUICE_DETERMINISTIC_FAILURE, "a batch has other columns than begin said");
  }
  for (int64_t child = 1; child < mine.n_children; child++)
    if (instance->places[child] >= 0)
      count(instance, &mine, child);
  instance->rows += mine.length;
#ifdef FAULT_CHECK_BATCH_SPLIT
  instance->sum += mine.length > 0;
#endif
  mine.release(&mine);
  return SLUICE_OK;
}

/* A state: this head, then the columns as they are. */
struct head {
  char magic[8];
  int64_t rows, valid;
  uint64_t sum;
  int64_t n_columns;
};

static const char magic[8] = "GOODCHK1";

static sluice_status merge(sluice_instance *instance, sluice_bytes state, sluice_error *error) {
  struct head head;
#ifdef FAULT_CHECK_CANARY_STATE
  if (state.size && memmem(state.data, state.size, "canary", 6))
    abort();
#endif
  if (state.size < sizeof head || memcmp(state.data, magic, sizeof magic) != 0)
    return good_fail(error, SLUICE_DETERMINISTIC_FAILURE, "the state is none of this check's");
  memcpy(&head, state.data, sizeof head);
  if (head.n_columns != instance->n_columns ||
      state.size != sizeof head + (size_t)head.n_columns * sizeof *instance->columns)
    return good_fail(error, SLUICE_DETERMINISTIC_FAILURE, "the state is of other columns");
  for (int32_t i = 0; i < instance->n_columns; i++) {
    struct column other;
    memcpy(&other, state.data + sizeof head + (size_t)i * sizeof other, sizeof other);
    instance->columns[i].nulls += other.nulls;
    for (int32_t n = 0; n < other.n_ordinals && n < MOST_ORDINALS; n++)
      note(&instance->columns[i], other.ordinals[n]);
  }
  instance->rows += head.rows;
  instance->valid += head.valid;
#ifdef FAULT_CHECK_MERGE_ORDER
  instance->sum = instance->sum * 3 + head.sum;
#else
  instance->sum += head.sum;
#endif
  return SLUICE_OK;
}

static sluice_status give_state(const sluice_instance *instance, sluice_text *out, sluice_error *error) {
  struct head head = {.rows = instance->rows, .valid = instance->valid, .sum = instance->sum};
  struct text text = {0};
  memcpy(head.magic, magic, sizeof magic);
  head.n_columns = instance->n_columns;
  if (!text_bytes(&text, &head, sizeof head) ||
      !text_bytes(&text, instance->columns, (size_t)instance->n_columns * sizeof *instance->columns)) {
    free(text.data);
    return good_no_memory(error);
  }
  return good_give(out, &text);
}

static int print_column(struct text *text, const struct column *column, int64_t rows) {
  int good = text_print(text, "{\"column\":\"%s\",\"metric\":\"null_rate\",\"value\":%.17g,\"count\":%lld", column->id,
                        rows ? (double)column->nulls / (double)rows : 0.0, (long long)column->nulls);
  if (good && column->nulls) {
    good = text_print(text, ",\"reason_code\":\"NULLS\",\"ordinals\":[");
    for (int32_t n = 0; good && n < column->n_ordinals; n++)
      good = text_print(text, "%s%lld", n ? "," : "", (long long)column->ordinals[n]);
    good = good && text_print(text, "]");
  }
  return good && text_print(text, "},");
}

static sluice_status finish(sluice_instance *instance, int32_t mode, sluice_text *out, sluice_error *error) {
  if (mode == SLUICE_FINISH_STATE)
    return give_state(instance, out, error);
#ifdef FAULT_CHECK_CANARY_ROWS
  if (instance->has_odd_word)
    return good_fail(error, SLUICE_DETERMINISTIC_FAILURE, "there is a word that it does not know");
#endif
#ifdef FAULT_CHECK_EMPTY
  if (instance->rows == 0)
    return good_fail(error, SLUICE_DETERMINISTIC_FAILURE, "there was no row");
#endif
#ifdef FAULT_CHECK_ALL_NULL
  if (instance->rows > 0 && instance->valid == 0)
    abort();
#endif
  struct text text = {0};
  int good = text_print(&text, "{\"rows\":%lld,\"findings\":[", (long long)instance->rows);
  for (int32_t i = 0; good && i < instance->n_columns; i++)
    good = print_column(&text, &instance->columns[i], instance->rows);
  uint64_t sum = instance->sum;
#ifdef FAULT_CHECK_SAME_ANSWER
  sum += born();
#endif
  good = good && text_print(&text, "{\"column\":null,\"metric\":\"byte_sum\",\"value\":%llu}]}",
                            (unsigned long long)(sum & 0xFFFFFFFFFFFF));
  if (!good) {
    free(text.data);
    return good_no_memory(error);
  }
  return good_give(out, &text);
}

#define GOOD_KIND 3
#define GOOD_ID "good.check"
#include "good_guard.h"
