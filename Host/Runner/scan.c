/* The connector's calls that move tables: the plugin's Arrow schema and stream become wire batches. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "answer.h"
#include "batch.h"
#include "calls.h"
#include "region.h"
#include "wire.h"
#include "worker.h"

static void release_schema(struct ArrowSchema *schema) {
  if (schema->release)
    schema->release(schema);
  schema->release = NULL;
}

static void release_array(struct ArrowArray *array) {
  if (array->release)
    array->release(array);
  array->release = NULL;
}

static void release_stream(struct ArrowArrayStream *stream) {
  if (stream->release)
    stream->release(stream);
  stream->release = NULL;
}

static void put_schema_answer(const struct batch_schema *columns, sluice_text *details) {
  const char *fault = answer_text_fault(details, CALLS_MAX_TEXT / 2);
  struct writer writer;
  writer_init(&writer);
  if (!fault) {
    writer_str(&writer, details->data, details->size);
    batch_put_schema(&writer, columns);
    if (writer_payload(&writer) > WIRE_MAX_FRAME)
      fault = "the names of the schema's columns are too long";
  }
  answer_release_text(details);
  if (!fault) {
    worker_answer(WIRE_RESULT, &writer, -1);
    return;
  }
  writer_free(&writer);
  answer_error(SLUICE_DETERMINISTIC_FAILURE, fault);
}

void scan_schema(const struct plugin *plugin, sluice_instance *instance, sluice_str table) {
  struct ArrowSchema schema;
  memset(&schema, 0, sizeof schema);
  sluice_text details = answer_empty_text();
  sluice_error error = answer_empty_error();
  sluice_status status = plugin->ops.connector.schema(instance, table, &schema, &details, &error);
  struct batch_schema columns;
  struct batch_fault fault;
  int failed = status == SLUICE_OK ? batch_schema_of(&schema, &columns, &fault) : -1;
  release_schema(&schema);
  if (status != SLUICE_OK || failed) {
    answer_release_text(&details);
    if (status != SLUICE_OK) {
      answer_failure(status, &error);
    } else {
      answer_release_error(&error);
      answer_error(SLUICE_DETERMINISTIC_FAILURE, fault.text);
    }
    return;
  }
  answer_release_error(&error);
  put_schema_answer(&columns, &details);
  batch_schema_free(&columns);
}

/* How a scan ended. */
struct scan_end {
  sluice_status status;
  char message[ANSWER_MAX_MESSAGE + 1];
};

static void end_with(struct scan_end *end, sluice_status status, const char *message) {
  end->status = status;
  snprintf(end->message, sizeof end->message, "%s", message);
}

/* What connector.h says of the errno values of a stream. */
static sluice_status status_of(int code) {
  switch (code) {
  case ECANCELED:
  case ETIMEDOUT:
    return SLUICE_TIMEOUT;
  case EIO:
    return SLUICE_TRANSIENT_ERROR;
  case EAGAIN:
    return SLUICE_RATE_LIMIT;
  case ENOMEM:
    return SLUICE_QUOTA_EXHAUSTED;
  case EACCES:
  case EPERM:
    return SLUICE_POLICY_BLOCK;
  default:
    return SLUICE_DETERMINISTIC_FAILURE;
  }
}

/* The stream's own words, copied before it is released. A call that was told to stop has timed out, whatever it says. */
static void end_with_stream_error(struct scan_end *end, struct ArrowArrayStream *stream, int code) {
  const char *words = stream->get_last_error ? stream->get_last_error(stream) : NULL;
  end->status = worker_cancelled() ? SLUICE_TIMEOUT : status_of(code);
  if (words && *words)
    snprintf(end->message, sizeof end->message, "%.*s", ANSWER_MAX_MESSAGE, words);
  else
    snprintf(end->message, sizeof end->message, "the plugin's stream failed with errno %d and no message", code);
}

static int stop_asked(struct scan_end *end) {
  if (worker_cancelled())
    end_with(end, SLUICE_TIMEOUT, "the scan was cancelled");
  else if (worker_deadline() == 0)
    end_with(end, SLUICE_TIMEOUT, "the scan passed its deadline");
  else
    return 0;
  return 1;
}

/* Sends rows, in a slot if they fit one. 0 when the call was cancelled while it waited for that. */
static int send_rows(const struct batch_schema *columns, const struct ArrowArray *array, int64_t start, int64_t count,
                     uint64_t size) {
  struct writer writer;
  if (!region_holds(size)) {
    writer_init(&writer);
    batch_put_rows(&writer, columns, array, start, count);
    worker_send(WIRE_BATCH, &writer);
    return 1;
  }
  uint32_t slot;
  uint8_t *memory = region_wait(&slot);
  if (!memory)
    return 0;
  writer_over(&writer, memory, WIRE_SLOT_SIZE);
  batch_put_rows(&writer, columns, array, start, count);
  struct writer frame;
  writer_init(&frame);
  writer_u32(&frame, slot);
  writer_u64(&frame, writer.size);
  worker_send(WIRE_BATCH_AT, &frame);
  return 1;
}

static int send_array(const struct batch_schema *columns, const struct ArrowArray *array, uint64_t *batches,
                      uint64_t *rows, struct scan_end *end) {
  struct batch_fault fault;
  if (batch_check(columns, array, &fault) != 0) {
    end_with(end, SLUICE_DETERMINISTIC_FAILURE, fault.text);
    return -1;
  }
  if (array->length == 0 && *batches > 0) {
    end_with(end, SLUICE_DETERMINISTIC_FAILURE,
             "the plugin's stream made a batch without rows behind the first: leave empty batches out");
    return -1;
  }
  int64_t start = 0;
  do {
    if (stop_asked(end))
      return -1;
    uint64_t size = 0;
    int64_t count = array->length == 0 ? 0 : batch_fitting_rows(columns, array, start, BATCH_LIMIT, &size);
    if (count == 0 && array->length != 0) {
      end_with(end, SLUICE_DETERMINISTIC_FAILURE, "one row is larger than a batch may be (256 MiB)");
      return -1;
    }
    if (!send_rows(columns, array, start, count, size)) {
      stop_asked(end);
      return -1;
    }
    worker_rearm();
    *batches += 1;
    *rows += (uint64_t)count;
    start += count;
  } while (start < array->length);
  return 0;
}

static void send_stream(struct ArrowArrayStream *stream, const struct batch_schema *columns, uint64_t *batches,
                        uint64_t *rows, struct scan_end *end) {
  while (!stop_asked(end)) {
    struct ArrowArray array;
    memset(&array, 0, sizeof array);
    int code = stream->get_next(stream, &array);
    if (code != 0) {
      release_array(&array);
      end_with_stream_error(end, stream, code);
      return;
    }
    if (!array.release)
      return; /* the end */
    int failed = send_array(columns, &array, batches, rows, end);
    release_array(&array);
    if (failed)
      return;
  }
}

static void read_stream(struct ArrowArrayStream *stream, uint64_t *batches, uint64_t *rows, struct scan_end *end) {
  if (!stream->release || !stream->get_schema || !stream->get_next) {
    end_with(end, SLUICE_DETERMINISTIC_FAILURE, "the plugin returned no usable stream");
    return;
  }
  struct ArrowSchema schema;
  memset(&schema, 0, sizeof schema);
  int code = stream->get_schema(stream, &schema);
  if (code != 0) {
    release_schema(&schema);
    end_with_stream_error(end, stream, code);
    return;
  }
  struct batch_schema columns;
  struct batch_fault fault;
  int failed = batch_schema_of(&schema, &columns, &fault);
  release_schema(&schema);
  if (failed) {
    end_with(end, SLUICE_DETERMINISTIC_FAILURE, fault.text);
    return;
  }
  send_stream(stream, &columns, batches, rows, end);
  batch_schema_free(&columns);
}

void scan_run(const struct plugin *plugin, sluice_instance *instance, sluice_str request) {
  struct ArrowArrayStream stream;
  memset(&stream, 0, sizeof stream);
  sluice_error error = answer_empty_error();
  sluice_status status = plugin->ops.connector.scan(instance, request, &stream, &error);
  if (status != SLUICE_OK) {
    release_stream(&stream);
    answer_failure(status, &error);
    return;
  }
  answer_release_error(&error);
  struct scan_end end = {SLUICE_OK, ""};
  uint64_t batches = 0, rows = 0;
  region_begin(worker_call());
  read_stream(&stream, &batches, &rows, &end);
  release_stream(&stream);
  if (end.status != SLUICE_OK) {
    answer_error(end.status, end.message);
    return;
  }
  struct writer writer;
  writer_init(&writer);
  writer_u64(&writer, batches);
  writer_u64(&writer, rows);
  worker_answer(WIRE_RESULT, &writer, -1);
}
