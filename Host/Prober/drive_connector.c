/* The ordinary use of a connector: inventory, schema, split, and two scans that are read for a while. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prober.h"

#define MOST_BATCHES 8
#define BATCH_ROWS 64

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
  if (!plugin.ops.connector.inventory || !call_plain(session, "inventory", plugin.ops.connector.inventory, &slot))
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

int step_connector(struct session *session) {
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
