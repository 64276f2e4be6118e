/* The ordinary use of a plugin, by kind: what every host does with it, in steps, so that two can be used in turn.
 * Functions that are NULL are passed over. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prober.h"

#define MOST_BATCHES 8
#define BATCH_ROWS 64

void require_use(void) {
  if (task.identity.kind == SLUICE_KIND_CONNECTOR && (task.n_streams == 0 || task.source_missing))
    skipped("the connector has no source to read: name one in its quirks");
}

/* --- instances ------------------------------------------------------------------------------------------------------ */

void session_begin(struct session *session) {
  memset(session, 0, sizeof *session);
  session->context = context_open();
  sluice_str config = input_text(task.config.data, task.config.size);
  struct error_slot *error = call_begin(NULL, "create");
  sluice_status status = plugin.table.create(config, session->context, &session->instance, &error->error);
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

typedef sluice_status (*plain_call)(sluice_instance *, sluice_text *, sluice_error *);
typedef sluice_status (*text_call)(sluice_instance *, sluice_str, sluice_text *, sluice_error *);

/* 1 when `slot` was filled. */
static int plain(struct session *session, const char *function, plain_call call, struct text_slot *slot) {
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
  if (!plugin.ops.check.declare || !plain(session, "declare", plugin.ops.check.declare, &slot))
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

/* --- connectors ----------------------------------------------------------------------------------------------------- */

/* The texts `key` of the objects in the array `list` of a document; at most `most`, malloc'ed. */
static int read_texts(const sluice_text *text, const char *list, const char *key, char **out, int most) {
  sluice_kit_json *json = NULL;
  sluice_str document = {text->data, text->size};
  int n = 0;
  if (sluice_kit_json_parse(document, &json, NULL) != SLUICE_OK)
    return -1;
  const sluice_kit_value *array = sluice_kit_json_get(sluice_kit_json_root(json), list);
  if (!array || array->type != SLUICE_KIT_ARRAY)
    n = -1;
  for (const sluice_kit_value *one = n < 0 ? NULL : array->first; one && n < most; one = one->next) {
    const sluice_kit_value *value = sluice_kit_json_get(one, key);
    if (!value || value->type != SLUICE_KIT_STRING)
      continue;
    if (!(out[n] = malloc(value->text.size + 1)))
      out_of_memory();
    memcpy(out[n], value->text.data, value->text.size);
    out[n++][value->text.size] = '\0';
  }
  sluice_kit_json_free(json);
  return n;
}

static void inventory(struct session *session) {
  struct text_slot slot;
  if (!plugin.ops.connector.inventory || !plain(session, "inventory", plugin.ops.connector.inventory, &slot))
    return;
  session->n_tables = read_texts(&slot.text, "tables", "name", session->tables, 4);
  text_slot_end(&slot, "the text of inventory", &session->digest);
  if (session->n_tables < 0) {
    session->n_tables = 0;
    failed("inventory returned something else than {\"tables\":[...]}");
  }
}

static const char *table(const struct session *session) { return session->n_tables > 0 ? session->tables[0] : ""; }

static void schema(struct session *session) {
  struct text_slot details;
  struct ArrowSchema found, *place = &found;
  if (!plugin.ops.connector.schema || session->stopped)
    return;
  memset(&found, 0, sizeof found);
  text_slot_begin(&details);
  sluice_str name = input_text(table(session), strlen(table(session)));
  struct error_slot *error = call_begin(session, "schema");
  sluice_status status = plugin.ops.connector.schema(session->instance, name, place, &details.text, &error->error);
  if (!call_end(session, "schema", status))
    return;
  if (!found.release || !found.format || strcmp(found.format, "+s") != 0)
    failed("schema returned no struct schema");
  if (found.n_children > 0 && found.children[0]->name && !(session->column = strdup(found.children[0]->name)))
    out_of_memory();
  schema_end(place, "the schema of schema", &session->digest);
  text_slot_end(&details, "the details of schema", &session->digest);
}

static void split(struct session *session) {
  struct text_slot slot;
  if (!plugin.ops.connector.split || session->stopped)
    return;
  text_slot_begin(&slot);
  sluice_str name = input_text(table(session), strlen(table(session)));
  struct error_slot *error = call_begin(session, "split");
  sluice_status status = plugin.ops.connector.split(session->instance, name, 3, &slot.text, &error->error);
  if (!call_end(session, "split", status))
    return;
  session->n_splits = read_texts(&slot.text, "splits", "id", session->splits, 8);
  if (session->n_splits < 0) {
    session->n_splits = 0;
    failed("split returned something else than {\"splits\":[...]}");
  }
  text_slot_end(&slot, "the text of split", &session->digest);
}

static char *scan_request(const struct session *session, const char *split_id, const char *column, int64_t skip) {
  sluice_kit_writer writer = {0};
  sluice_kit_begin_object(&writer);
  sluice_kit_key(&writer, "batch_rows");
  sluice_kit_integer(&writer, BATCH_ROWS);
  sluice_kit_key(&writer, "columns");
  if (column) {
    sluice_kit_begin_array(&writer);
    sluice_kit_cstring(&writer, column);
    sluice_kit_end_array(&writer);
  } else {
    sluice_kit_null(&writer);
  }
  sluice_kit_key(&writer, "skip_rows");
  sluice_kit_integer(&writer, skip);
  sluice_kit_key(&writer, "split");
  if (split_id)
    sluice_kit_cstring(&writer, split_id);
  else
    sluice_kit_null(&writer);
  sluice_kit_key(&writer, "table");
  sluice_kit_cstring(&writer, table(session));
  sluice_kit_end_object(&writer);
  sluice_kit_append(&writer, "", 1);
  if (writer.failed)
    out_of_memory();
  return writer.data;
}

/* The codes that connector.h gives to errno values, as far as a drive tells them apart. */
static sluice_status status_of(struct ArrowArrayStream *stream, int number) {
  if (number == 0)
    return SLUICE_OK;
  const char *why = stream->get_last_error(stream);
  fprintf(stderr, "the stream of scan: errno %d, %s\n", number, why ? why : "no reason given");
  if (number == ECANCELED || number == ETIMEDOUT)
    return SLUICE_TIMEOUT;
  return number == ENOMEM ? SLUICE_QUOTA_EXHAUSTED : SLUICE_DETERMINISTIC_FAILURE;
}

/* 1 when there is a stream. */
static int open_scan(struct session *session, char *request) {
  struct ArrowArrayStream elsewhere, *place = style.moves_outputs ? &elsewhere : &session->stream;
  struct ArrowSchema found;
  memset(place, 0, sizeof *place);
  session->pulled = 0;
  sluice_str text = input_text(request, strlen(request));
  struct error_slot *error = call_begin(session, "scan");
  sluice_status status = plugin.ops.connector.scan(session->instance, text, place, &error->error);
  int goes_on = call_end(session, "scan", status);
  free(request);
  if (!goes_on)
    return 0;
  if (!place->release || !place->get_schema || !place->get_next || !place->get_last_error)
    failed("scan returned SLUICE_OK and no whole stream");
  if (style.moves_outputs) {
    session->stream = elsewhere;
    memset(&elsewhere, 0xDD, sizeof elsewhere);
  }
  memset(&found, 0, sizeof found);
  call_begin(session, "get_schema of the stream of scan");
  status = status_of(&session->stream, session->stream.get_schema(&session->stream, &found));
  if (!call_end(session, "get_schema of the stream of scan", status))
    return 0;
  schema_end(&found, "the schema of the stream of scan", &session->digest);
  return 1;
}

static void end_array(struct ArrowArray *array) {
  static const char what[] = "a batch of the stream of scan";
  if (!array->release)
    return;
  struct ArrowArray moved = *array, child;
  child.release = NULL;
  if (style.moves_outputs) {
    memset(array, 0xDD, sizeof *array);
    array = &moved;
    if (moved.n_children > 0 && moved.children[0]->release) { /* released behind its parent */
      child = *moved.children[0];
      moved.children[0]->release = NULL;
    }
  }
  note("release of %s", what);
  array->release(array);
  if (style.checks_releases && array->release)
    failed("the release of %s does not set itself to NULL", what);
  if (child.release)
    child.release(&child);
}

/* 1 while there may be more. */
static int pull(struct session *session) {
  static const char function[] = "get_next of the stream of scan";
  struct ArrowArray array;
  memset(&array, 0, sizeof array);
  call_begin(session, function);
  sluice_status status = status_of(&session->stream, session->stream.get_next(&session->stream, &array));
  if (!call_end(session, function, status))
    return 0;
  if (!array.release)
    return 0;
  digest_add(&session->digest, &array.length, sizeof array.length);
  for (int64_t i = 0; i < array.n_children; i++)
    digest_add(&session->digest, &array.children[i]->null_count, sizeof array.children[i]->null_count);
  end_array(&array);
  return ++session->pulled < MOST_BATCHES;
}

static void close_scan(struct session *session) {
  if (!session->stream.release)
    return;
  note("release of the stream of scan");
  session->stream.release(&session->stream);
  if (style.checks_releases && session->stream.release)
    failed("the release of the stream of scan does not set itself to NULL");
  session->stream.release = NULL;
}

static int step_connector(struct session *session) {
  int has_scan = plugin.ops.connector.scan != NULL;
  switch (session->step) {
  case 0:
    inventory(session);
    break;
  case 1:
    schema(session);
    break;
  case 2:
    split(session);
    break;
  case 3:
    if (has_scan && !open_scan(session, scan_request(session, NULL, NULL, 0)))
      return 0;
    break;
  case 4:
    if (has_scan && pull(session))
      return 1;
    close_scan(session);
    break;
  case 5: {
    const char *split_id = session->n_splits > 0 ? session->splits[session->n_splits - 1] : NULL;
    if (has_scan && !open_scan(session, scan_request(session, split_id, session->column, 1)))
      return 0;
    break;
  }
  default:
    if (has_scan && pull(session))
      return 1;
    close_scan(session);
    return 0;
  }
  session->step++;
  return 1;
}

/* --- providers ------------------------------------------------------------------------------------------------------ */

static void embed(struct session *session) {
  static const char request[] = "{\"model\":null,\"texts\":[\"first name\",\"postal code\",\"\"]}";
  struct floats_slot slot;
  if (!plugin.ops.provider.embed)
    return;
  floats_slot_begin(&slot);
  sluice_str text = input_text(request, sizeof request - 1);
  struct error_slot *error = call_begin(session, "embed");
  if (call_end(session, "embed", plugin.ops.provider.embed(session->instance, text, &slot.floats, &error->error)))
    floats_slot_end(&slot, "the vectors of embed", &session->digest);
}

static void estimate(struct session *session) {
  static const char words[] = "first name of the customer";
  uint64_t tokens = 0;
  if (!plugin.ops.provider.token_estimate)
    return;
  sluice_str model = {NULL, 0}, text = input_text(words, sizeof words - 1);
  struct error_slot *error = call_begin(session, "token_estimate");
  sluice_status status = plugin.ops.provider.token_estimate(session->instance, model, text, &tokens, &error->error);
  if (call_end(session, "token_estimate", status))
    digest_add(&session->digest, &tokens, sizeof tokens);
}

static void infer(struct session *session) {
  static const char request[] =
      "{\"max_tokens\":16,\"messages\":[{\"content\":\"What does the column first name hold?\",\"role\":\"user\"}],"
      "\"model\":null,\"temperature\":0}";
  struct text_slot slot;
  if (!plugin.ops.provider.infer)
    return;
  text_slot_begin(&slot);
  sluice_str text = input_text(request, sizeof request - 1);
  struct error_slot *error = call_begin(session, "infer");
  if (call_end(session, "infer", plugin.ops.provider.infer(session->instance, text, &slot.text, &error->error)))
    text_slot_end(&slot, "the text of infer", &session->digest);
}

static int step_provider(struct session *session) {
  struct text_slot slot;
  switch (session->step++) {
  case 0:
    if (plugin.ops.provider.health && plain(session, "health", plugin.ops.provider.health, &slot))
      text_slot_end(&slot, "the text of health", NULL);
    return 1;
  case 1:
    estimate(session);
    return 1;
  case 2:
    embed(session);
    return 1;
  default:
    infer(session);
    return 0;
  }
}

/* --- all kinds ------------------------------------------------------------------------------------------------------ */

int session_step(struct session *session) {
  int more = 0;
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

uint64_t whole_use(void) {
  struct session session;
  session_begin(&session);
  session_run(&session);
  session_end(&session);
  return session.digest;
}
