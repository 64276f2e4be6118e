#define _GNU_SOURCE
#include "calls.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"
#include "batch.h"
#include "region.h"
#include "services.h"
#include "wire.h"
#include "worker.h"

/* A verdict is numbers and codes; what is longer is not one (check.h). */
#define MAX_VERDICT (UINT64_C(1) << 20)

/* Touched by the worker thread alone. */
static int highest_descriptor;
static struct plugin plugin;
static sluice_instance *instance;
static struct batch_schema begun; /* of the check's last begin */
static int has_begun;

void calls_set_highest_descriptor(int descriptor) { highest_descriptor = descriptor; }

static void malformed(void) { _exit(WIRE_EXIT_PROTOCOL); }

static void finish_reading(const struct reader *reader) {
  if (!reader_done(reader))
    malformed();
}

static void load(struct frame *frame) {
  struct reader reader = reader_make(frame->payload, frame->size);
  reader_i64(&reader); /* the deadline, here and below: worker_post has read it */
  struct plugin_identity expected;
  expected.kind = reader_i32(&reader);
  expected.id = reader_str(&reader);
  expected.version = reader_str(&reader);
  sluice_str host_version = reader_str(&reader);
  if (!services_read(&reader, highest_descriptor) || !region_read(&reader, highest_descriptor))
    malformed();
  finish_reading(&reader);
  const char *fault = plugin_load(&plugin, &expected, host_version, services_table());
  if (fault) {
    answer_error(SLUICE_DETERMINISTIC_FAILURE, fault);
    return;
  }
  sluice_text text = answer_empty_text();
  sluice_error error = answer_empty_error();
  sluice_status status = plugin.table.describe(&text, &error);
  fault = status == SLUICE_OK ? answer_text_fault(&text, PLUGIN_MAX_DESCRIBE) : NULL;
  if (status != SLUICE_OK || fault) {
    answer_release_text(&text);
    if (status != SLUICE_OK) {
      answer_failure(status, &error);
    } else {
      answer_release_error(&error);
      answer_error(SLUICE_DETERMINISTIC_FAILURE, fault);
    }
    return;
  }
  answer_release_error(&error);
  struct writer writer;
  writer_init(&writer);
  writer_i32(&writer, plugin.table.kind);
  writer_str(&writer, plugin.table.id.data, plugin.table.id.size);
  writer_str(&writer, plugin.table.version.data, plugin.table.version.size);
  writer_u32(&writer, plugin.table.abi_major);
  writer_u32(&writer, plugin.table.abi_minor);
  writer_str(&writer, text.data, text.size);
  answer_release_text(&text);
  worker_answer(WIRE_LOADED, &writer, SESSION_LOADED);
}

static void create(struct frame *frame) {
  struct reader reader = reader_make(frame->payload, frame->size);
  reader_i64(&reader);
  sluice_str config = reader_str(&reader);
  finish_reading(&reader);
  sluice_error error = answer_empty_error();
  sluice_status status = plugin.table.create(config, SERVICES_CONTEXT, &instance, &error);
  if (status != SLUICE_OK) {
    instance = NULL;
    answer_failure(status, &error);
    return;
  }
  answer_release_error(&error);
  if (!instance) {
    answer_error(SLUICE_DETERMINISTIC_FAILURE, "the plugin's create returned no instance");
    return;
  }
  worker_set_instance(plugin.table.cancel, instance);
  struct writer writer;
  writer_init(&writer);
  worker_answer(WIRE_CREATED, &writer, SESSION_CREATED);
}

static void shutdown_now(struct frame *frame) {
  if (frame->size != 0)
    malformed();
  if (instance)
    plugin.table.destroy(instance);
  _exit(0); /* not exit(): no destructor of a foreign library runs */
}

static void not_offered(void) { answer_error(WIRE_NOT_OFFERED, "the plugin does not offer this call"); }

/* The calls that take one text and return one, and those that take nothing. */
typedef sluice_status (*text_call)(sluice_instance *, sluice_str, sluice_text *, sluice_error *);
typedef sluice_status (*plain_call)(sluice_instance *, sluice_text *, sluice_error *);

static void run_text(text_call call, struct reader *reader) {
  sluice_str request = reader_str(reader);
  finish_reading(reader);
  if (!call) {
    not_offered();
    return;
  }
  sluice_text text = answer_empty_text();
  sluice_error error = answer_empty_error();
  sluice_status status = call(instance, request, &text, &error);
  answer_text(status, &text, &error, CALLS_MAX_TEXT);
}

static void run_plain(plain_call call, struct reader *reader) {
  finish_reading(reader);
  if (!call) {
    not_offered();
    return;
  }
  sluice_text text = answer_empty_text();
  sluice_error error = answer_empty_error();
  sluice_status status = call(instance, &text, &error);
  answer_text(status, &text, &error, CALLS_MAX_TEXT);
}

static const char *floats_fault(const sluice_floats *floats) {
  if (floats->struct_size < SLUICE_FLOATS_SIZE_V1)
    return "the plugin returned a sluice_floats whose struct_size is too small";
  if (floats->rows && (!floats->dimensions || !floats->data))
    return "the plugin returned vectors without dimensions or data";
  if (floats->dimensions && floats->rows > (CALLS_MAX_TEXT / sizeof(float)) / floats->dimensions)
    return "the plugin returned more vectors than a frame can hold";
  return NULL;
}

static void embed(const sluice_provider_ops *ops, struct reader *reader) {
  sluice_str request = reader_str(reader);
  finish_reading(reader);
  if (!ops || !ops->embed) {
    not_offered();
    return;
  }
  sluice_floats floats = answer_empty_floats();
  sluice_error error = answer_empty_error();
  sluice_status status = ops->embed(instance, request, &floats, &error);
  const char *fault = status == SLUICE_OK ? floats_fault(&floats) : NULL;
  if (status != SLUICE_OK || fault) {
    answer_release_floats(&floats);
    if (status != SLUICE_OK) {
      answer_failure(status, &error);
    } else {
      answer_release_error(&error);
      answer_error(SLUICE_DETERMINISTIC_FAILURE, fault);
    }
    return;
  }
  struct writer writer;
  writer_init(&writer);
  writer_u32(&writer, floats.dimensions);
  writer_u64(&writer, floats.rows);
  writer_raw(&writer, floats.data, (size_t)floats.rows * floats.dimensions * sizeof(float));
  answer_release_floats(&floats);
  answer_release_error(&error);
  worker_answer(WIRE_RESULT, &writer, -1);
}

static void token_estimate(const sluice_provider_ops *ops, struct reader *reader) {
  sluice_str model = reader_str(reader);
  sluice_str text = reader_str(reader);
  finish_reading(reader);
  if (!ops || !ops->token_estimate) {
    not_offered();
    return;
  }
  uint64_t tokens = 0;
  sluice_error error = answer_empty_error();
  sluice_status status = ops->token_estimate(instance, model, text, &tokens, &error);
  if (status != SLUICE_OK) {
    answer_failure(status, &error);
    return;
  }
  answer_release_error(&error);
  struct writer writer;
  writer_init(&writer);
  writer_u64(&writer, tokens);
  worker_answer(WIRE_RESULT, &writer, -1);
}

static void split(const sluice_connector_ops *ops, struct reader *reader) {
  sluice_str table = reader_str(reader);
  uint32_t parts = reader_u32(reader);
  finish_reading(reader);
  if (!ops || !ops->split) {
    not_offered();
    return;
  }
  sluice_text text = answer_empty_text();
  sluice_error error = answer_empty_error();
  sluice_status status = ops->split(instance, table, parts, &text, &error);
  answer_text(status, &text, &error, CALLS_MAX_TEXT);
}

static void begin(const sluice_check_ops *ops, struct reader *reader) {
  sluice_str params = reader_str(reader);
  struct batch_view *view = reader->bad ? NULL : batch_view_make(reader->next, reader->left);
  if (!view || batch_view_rows(view) != 0)
    malformed();
  if (!ops || !ops->begin) {
    batch_view_free(view);
    not_offered();
    return;
  }
  struct ArrowSchema schema;
  batch_export_schema(batch_view_schema(view), &schema);
  sluice_error error = answer_empty_error();
  sluice_status status = ops->begin(instance, &schema, params, &error);
  if (schema.release) /* borrowed: still ours, unless the plugin broke that rule */
    schema.release(&schema);
  batch_schema_free(&begun);
  has_begun = status == SLUICE_OK;
  if (has_begun)
    begun = batch_view_take_schema(view);
  batch_view_free(view);
  answer_nothing(status, &error);
}

static int needs_begin(void) {
  if (!has_begun)
    answer_error(SLUICE_DETERMINISTIC_FAILURE, "begin must succeed before update, merge and finish");
  return !has_begun;
}

/* Either way it says which slots are free: a batch that came with an error was released, too. */
static void answer_update(sluice_status status, sluice_error *error) {
  if (status != SLUICE_OK) {
    answer_update_failure(status, error, region_free_slots());
    return;
  }
  answer_release_error(error);
  struct writer writer;
  writer_init(&writer);
  writer_u32(&writer, region_free_slots());
  worker_answer(WIRE_RESULT, &writer, -1);
}

/* Takes over `block`, in which the batch lies. */
static void update(const sluice_check_ops *ops, const uint8_t *data, size_t size, void *block,
                   void (*let_go)(void *block)) {
  struct batch_view *view = batch_view_make(data, size);
  if (!view)
    malformed();
  const char *fault = NULL;
  if (!ops || !ops->update)
    fault = "the plugin does not offer this call";
  else if (!has_begun)
    fault = "begin must succeed before update, merge and finish";
  else if (!batch_schema_same(batch_view_schema(view), &begun))
    fault = "the batch's columns are not those that begin announced";
  if (fault) {
    batch_view_free(view);
    let_go(block);
    sluice_error error = answer_empty_error();
    error.message = (sluice_str){fault, strlen(fault)};
    answer_update(SLUICE_DETERMINISTIC_FAILURE, &error);
    return;
  }
  struct ArrowArray array;
  batch_export_array(view, block, let_go, &array); /* the array's now, and with it the plugin's */
  batch_view_free(view);
  sluice_error error = answer_empty_error();
  sluice_status status = ops->update(instance, &array, &error);
  if (array.release) /* neither moved nor released: then it is still ours */
    array.release(&array);
  answer_update(status, &error);
}

static void update_in_frame(const sluice_check_ops *ops, struct reader *reader, struct frame *frame) {
  void *block = frame->block;
  frame->block = NULL;
  update(ops, reader->next, reader->left, block, free);
}

static void update_at(const sluice_check_ops *ops, struct reader *reader) {
  uint32_t slot = reader_u32(reader);
  uint64_t size = reader_u64(reader);
  finish_reading(reader);
  uint8_t *batch = region_take(slot, size);
  if (!batch)
    malformed();
  update(ops, batch, (size_t)size, batch, region_let_go);
}

static void merge(const sluice_check_ops *ops, struct reader *reader) {
  sluice_str state = reader_str(reader);
  finish_reading(reader);
  if (!ops || !ops->merge) {
    not_offered();
    return;
  }
  if (needs_begin())
    return;
  sluice_bytes bytes = {(const uint8_t *)state.data, state.size};
  sluice_error error = answer_empty_error();
  sluice_status status = ops->merge(instance, bytes, &error);
  answer_nothing(status, &error);
}

static void finish(const sluice_check_ops *ops, struct reader *reader) {
  int32_t mode = reader_i32(reader);
  finish_reading(reader);
  if (mode != SLUICE_FINISH_VERDICT && mode != SLUICE_FINISH_STATE)
    malformed();
  if (!ops || !ops->finish) {
    not_offered();
    return;
  }
  if (needs_begin())
    return;
  sluice_text text = answer_empty_text();
  sluice_error error = answer_empty_error();
  sluice_status status = ops->finish(instance, mode, &text, &error);
  answer_text(status, &text, &error, mode == SLUICE_FINISH_VERDICT ? MAX_VERDICT : CALLS_MAX_TEXT);
}

/* A call of another kind than the plugin's finds no operations, and is answered as not offered. `frame` is NULL for one
 * of many, which moves no table. */
static void run_method(uint32_t method, struct reader *arguments, struct frame *frame) {
  const sluice_provider_ops *provider = plugin.table.kind == SLUICE_KIND_PROVIDER ? &plugin.ops.provider : NULL;
  const sluice_connector_ops *connector = plugin.table.kind == SLUICE_KIND_CONNECTOR ? &plugin.ops.connector : NULL;
  const sluice_check_ops *check = plugin.table.kind == SLUICE_KIND_CHECK ? &plugin.ops.check : NULL;
  struct reader reader = *arguments;
  if (!frame && (method == WIRE_SCAN || method == WIRE_UPDATE || method == WIRE_UPDATE_AT))
    malformed();
  switch (method) {
  case WIRE_INFER:
    run_text(provider ? provider->infer : NULL, &reader);
    break;
  case WIRE_EMBED:
    embed(provider, &reader);
    break;
  case WIRE_TOKEN_ESTIMATE:
    token_estimate(provider, &reader);
    break;
  case WIRE_HEALTH:
    run_plain(provider ? provider->health : NULL, &reader);
    break;
  case WIRE_SUBMIT:
    run_text(provider ? provider->submit : NULL, &reader);
    break;
  case WIRE_POLL:
    run_text(provider ? provider->poll : NULL, &reader);
    break;
  case WIRE_INVENTORY:
    run_plain(connector ? connector->inventory : NULL, &reader);
    break;
  case WIRE_SCHEMA:
  case WIRE_SCAN: {
    sluice_str text = reader_str(&reader);
    finish_reading(&reader);
    if (!connector || !(method == WIRE_SCAN ? (void (*)(void))connector->scan : (void (*)(void))connector->schema))
      not_offered();
    else if (method == WIRE_SCAN)
      scan_run(&plugin, instance, text);
    else
      scan_schema(&plugin, instance, text);
    break;
  }
  case WIRE_SPLIT:
    split(connector, &reader);
    break;
  case WIRE_DECLARE:
    run_plain(check ? check->declare : NULL, &reader);
    break;
  case WIRE_BEGIN:
    begin(check, &reader);
    break;
  case WIRE_UPDATE:
    update_in_frame(check, &reader, frame);
    break;
  case WIRE_UPDATE_AT:
    update_at(check, &reader);
    break;
  case WIRE_MERGE:
    merge(check, &reader);
    break;
  case WIRE_FINISH:
    finish(check, &reader);
    break;
  default:
    malformed();
  }
}

static void call(struct frame *frame) {
  struct reader reader = reader_make(frame->payload, frame->size);
  uint32_t method = reader_u32(&reader);
  reader_i64(&reader);
  run_method(method, &reader, frame);
}

/* What RESULTS will be. */
static struct writer results;

static void collect(uint32_t type, struct writer *answer) {
  size_t size = writer_payload(answer);
  if (type == WIRE_RESULT && writer_payload(&results) + size > WIRE_MAX_RESULTS) {
    writer_free(answer);
    answer_error(SLUICE_DETERMINISTIC_FAILURE, "the results of these calls are too large together");
    return;
  }
  writer_u32(&results, type == WIRE_RESULT ? 0 : 1);
  writer_str(&results, answer->data + WIRE_HEADER_SIZE, size);
  writer_free(answer);
}

static void call_many(struct frame *frame) {
  struct reader reader = reader_make(frame->payload, frame->size);
  reader_i64(&reader);
  uint32_t count = reader_u32(&reader);
  if (reader.bad || count > WIRE_MAX_CALLS)
    malformed();
  writer_init(&results);
  writer_u32(&results, count);
  worker_divert(collect);
  for (uint32_t i = 0; i < count; i++) {
    sluice_str one = reader_str(&reader);
    struct reader arguments = reader_make(one.data, one.size);
    uint32_t method = reader_u32(&arguments);
    if (reader.bad || arguments.bad)
      malformed();
    if (worker_cancelled())
      answer_error(SLUICE_TIMEOUT, "it was cancelled before its turn came");
    else if (worker_deadline() == 0)
      answer_error(SLUICE_TIMEOUT, "the deadline passed before its turn came");
    else
      run_method(method, &arguments, NULL);
  }
  finish_reading(&reader);
  worker_divert(NULL);
  worker_answer(WIRE_RESULTS, &results, -1);
}

void calls_run(struct frame *frame) {
  switch (frame->type) {
  case WIRE_LOAD:
    load(frame);
    break;
  case WIRE_CREATE:
    create(frame);
    break;
  case WIRE_CALL:
    call(frame);
    break;
  case WIRE_CALLS:
    call_many(frame);
    break;
  case WIRE_SHUTDOWN:
    shutdown_now(frame);
    break;
  default:
    malformed();
  }
}
