/* The ordinary use of a plugin: what every host does with it, in steps, so that two can be used in turn. Functions that
 * are NULL are passed over. Here is what all kinds have in common, and the checks. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "prober.h"

void (*judge_without_instance)(void);

static int is_undriven;

void require_use(void) {
  if (task.identity.kind != SLUICE_KIND_CONNECTOR || task.n_streams > 0)
    return;
  is_undriven = 1;
  caveat("not driven beyond create: no sample source is declared");
}

/* --- instances ------------------------------------------------------------------------------------------------------ */

void session_begin(struct session *session) {
  memset(session, 0, sizeof *session);
  session->context = context_open();
  sluice_str config = input_text(task.config.data, task.config.size);
  struct error_slot *error = call_begin(NULL, "create");
  sluice_status status = plugin.table.create(config, session->context, &session->instance, &error->error);
  if (status != SLUICE_OK && is_undriven) {
    call_refused("create", status);
    if (!judge_without_instance)
      skipped("create is refused, and no sample source is declared in the quirks");
    caveat("create is refused without one");
    judge_without_instance();
    passed();
  }
  call_end(NULL, "create", status);
  if (!session->instance)
    failed("create returned SLUICE_OK and no instance");
}

void session_end(struct session *session) {
  session_reset(session);
  note("destroy");
  plugin.table.destroy(session->instance);
  context_close(session->context);
  session->instance = NULL;
}

static void forget(char **texts, int *n) {
  for (int i = 0; i < *n; i++)
    free(texts[i]);
  *n = 0;
}

void session_reset(struct session *session) {
  if (session->stream.release) {
    note("release of the stream of scan");
    session->stream.release(&session->stream);
  }
  if (session->state.text.release)
    session->state.text.release(&session->state.text);
  sluice_kit_schema_release(&session->schema);
  free(session->params);
  session->params = NULL;
  free(session->column);
  session->column = NULL;
  forget(session->tables, &session->n_tables);
  forget(session->splits, &session->n_splits);
  session->step = 0;
  session->stopped = 0;
  session->pulled = 0;
}

int call_plain(struct session *session, const char *function, plain_call call, struct text_slot *slot) {
  text_slot_begin(slot);
  struct error_slot *error = call_begin(session, function);
  return call_end(session, function, call(session->instance, &slot->text, &error->error));
}

/* --- checks --------------------------------------------------------------------------------------------------------- */

/* A batch that is handed over: how often it is released is counted. */
#define HANDED 256
static struct handed {
  struct ArrowArray array;
  int is_out;
} handed[HANDED];
static unsigned next_handed;
static int batches_out;

static void release_handed(struct ArrowArray *self) {
  struct handed *own = self->private_data;
  if (!own->is_out)
    failed("a batch that update took over was released twice");
  own->is_out = 0;
  batches_out--;
  own->array.release(&own->array);
  self->release = NULL;
}

static void hand(struct ArrowArray *array) {
  struct handed *own = &handed[next_handed++ % HANDED];
  if (own->is_out)
    failed("a batch that update took over was never released");
  own->array = *array;
  own->is_out = 1;
  batches_out++;
  array->private_data = own;
  array->release = release_handed;
}

void require_batches_back(void) {
  if (batches_out != 0)
    failed("a batch that update took over was never released");
}

static void read_declaration(struct session *session) {
  struct wants wants;
  struct text_slot slot;
  session->schema.release = NULL;
  if (!plugin.ops.check.declare || !call_plain(session, "declare", plugin.ops.check.declare, &slot))
    return;
  sluice_str text = {slot.text.data, slot.text.size};
  if (!sample_wants(text, &wants))
    failed("declare returned something else than a JSON object");
  text_slot_end(&slot, "the text of declare", &session->digest);
  sample_schema(&wants, &session->schema);
  session->params = sample_params(&wants);
}

static void release_nothing(struct ArrowSchema *schema) { schema->release = NULL; }

/* The schema in input memory, names and all. */
static const struct ArrowSchema *lend_schema(const struct ArrowSchema *schema) {
  if (!style.guards_inputs)
    return schema;
  struct ArrowSchema copy = *schema, *children[64];
  for (int64_t i = 0; i < schema->n_children && i < 64; i++) {
    struct ArrowSchema child = *schema->children[i];
    child.name = input_copy(child.name, strlen(child.name) + 1);
    child.format = input_copy(child.format, strlen(child.format) + 1);
    child.release = release_nothing;
    children[i] = input_copy(&child, sizeof child);
  }
  copy.children = input_copy(children, (size_t)schema->n_children * sizeof *children);
  copy.name = input_copy(schema->name, strlen(schema->name) + 1);
  copy.format = input_copy(schema->format, strlen(schema->format) + 1);
  copy.release = release_nothing;
  return input_copy(&copy, sizeof copy);
}

static void begin(struct session *session) {
  if (!plugin.ops.check.begin || !session->params)
    return;
  sluice_str params = input_text(session->params, strlen(session->params));
  const struct ArrowSchema *schema = lend_schema(&session->schema);
  struct error_slot *error = call_begin(session, "begin");
  sluice_status status = plugin.ops.check.begin(session->instance, schema, params, &error->error);
  if (!session->schema.release)
    failed("begin released the schema that it was lent");
  call_end(session, "begin", status);
}

static void update(struct session *session, int64_t first, int64_t rows) {
  if (!plugin.ops.check.update || !session->params || session->stopped)
    return;
  struct ArrowArray own;
  sample_batch(&session->schema, first, rows, task.seed + (uint64_t)first, &own);
  hand(&own);
  struct ArrowArray *batch = input_copy(&own, sizeof own);
  struct error_slot *error = call_begin(session, "update");
  sluice_status status = plugin.ops.check.update(session->instance, batch, &error->error);
  if (batch->release) /* neither moved nor released: still ours */
    batch->release(batch);
  call_end(session, "update", status);
}

static int finish(struct session *session, int32_t mode, struct text_slot *slot) {
  if (!plugin.ops.check.finish || !session->params || session->stopped)
    return 0;
  text_slot_begin(slot);
  struct error_slot *error = call_begin(session, "finish");
  sluice_status status = plugin.ops.check.finish(session->instance, mode, &slot->text, &error->error);
  if (mode == SLUICE_FINISH_STATE && status == SLUICE_DETERMINISTIC_FAILURE) {
    call_refused("finish", status); /* it keeps no state: check.merge_order is where that is declined */
    return 0;
  }
  return call_end(session, "finish", status);
}

static void merge(struct session *session) {
  if (plugin.ops.check.merge && session->state.text.release && !session->stopped) {
    sluice_str text = input_text(session->state.text.data, session->state.text.size);
    sluice_bytes state = {(const uint8_t *)text.data, text.size};
    struct error_slot *error = call_begin(session, "merge");
    call_end(session, "merge", plugin.ops.check.merge(session->instance, state, &error->error));
  }
  if (session->state.text.release)
    text_slot_end(&session->state, "the state of finish", NULL);
}

static int step_check(struct session *session) {
  struct text_slot verdict;
  switch (session->step++) {
  case 0:
    read_declaration(session);
    if (!session->stopped)
      begin(session);
    return 1;
  case 1:
    update(session, 0, 8);
    return 1;
  case 2:
    update(session, 8, 5);
    return 1;
  case 3:
    if (finish(session, SLUICE_FINISH_STATE, &session->state))
      digest_add(&session->digest, session->state.text.data, session->state.text.size);
    return 1;
  case 4:
    begin(session);
    if (!session->stopped)
      merge(session);
    return 1;
  case 5:
    update(session, 20, 7);
    return 1;
  default:
    if (finish(session, SLUICE_FINISH_VERDICT, &verdict))
      text_slot_end(&verdict, "the verdict of finish", &session->digest);
    return 0;
  }
}

/* --- all kinds ------------------------------------------------------------------------------------------------------ */

int session_step(struct session *session) {
  int more = 0;
  if (is_undriven)
    return 0;
  switch (plugin.table.kind) {
  case SLUICE_KIND_CHECK:
    more = step_check(session);
    break;
  case SLUICE_KIND_CONNECTOR:
    more = step_connector(session);
    break;
  default:
    more = step_provider(session);
  }
  return more && !session->stopped;
}

void session_run(struct session *session) {
  while (session_step(session))
    ;
}

uint64_t steady_use(void) {
  uint64_t first = whole_use(), second = whole_use();
  if (first == second)
    return first;
  caveat("its answers differ from use to use, so nothing could be compared");
  return 0;
}

int differs(uint64_t digest, uint64_t steady) { return steady != 0 && digest != steady; }

uint64_t whole_use(void) {
  struct session session;
  session_begin(&session);
  session_run(&session);
  session_end(&session);
  return session.digest;
}
