/* The host's services, played by the prober: what is inherited is offered, HTTP has one canned answer, and every call is
 * held against the contexts that were given out. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "prober.h"

#define CONTEXTS 64 /* slots; a slot that is used again has another generation */

static struct {
  _Atomic uint32_t generation; /* odd: open */
  atomic_int cancelled;
  atomic_int asked_http;
} contexts[CONTEXTS];
static uint32_t next_context; /* call thread */

static const char *_Atomic stale;
static const char *_Atomic foreign;
static atomic_uint_fast64_t expected;

static pthread_mutex_t map_lock = PTHREAD_MUTEX_INITIALIZER;
static const uint8_t *mapped[MOST_RESOURCES];

sluice_handle context_open(void) {
  uint32_t slot = next_context++ % CONTEXTS;
  uint32_t generation = (atomic_load(&contexts[slot].generation) + 1) | 1;
  atomic_store(&contexts[slot].cancelled, 0);
  atomic_store(&contexts[slot].asked_http, 0);
  atomic_store(&contexts[slot].generation, generation);
  return (uint64_t)generation << 32 | (slot + 1);
}

/* The slot of a context that is open, or -1. */
static int slot_of(sluice_handle context) {
  uint32_t index = (uint32_t)context, generation = (uint32_t)(context >> 32);
  if (index == 0 || index > CONTEXTS || !(generation & 1) || atomic_load(&contexts[index - 1].generation) != generation)
    return -1;
  return (int)index - 1;
}

void context_close(sluice_handle context) {
  int slot = slot_of(context);
  if (slot >= 0)
    atomic_fetch_add(&contexts[slot].generation, 1);
}

void context_begin_call(sluice_handle context) {
  int slot = slot_of(context);
  if (slot < 0)
    return;
  atomic_store(&contexts[slot].cancelled, 0);
  atomic_store(&contexts[slot].asked_http, 0);
}

void context_cancel(sluice_handle context) {
  int slot = slot_of(context);
  if (slot >= 0)
    atomic_store(&contexts[slot].cancelled, 1);
}

int context_http(sluice_handle context) {
  int slot = slot_of(context);
  return slot >= 0 && atomic_load(&contexts[slot].asked_http);
}

const char *stale_service(void) { return atomic_load(&stale); }
void expect_context(sluice_handle context) { atomic_store(&expected, context); }
const char *foreign_service(void) { return atomic_load(&foreign); }

/* Notes the call of a service; the slot of its context, or -1. */
static int served(sluice_handle context, const char *service) {
  int slot = slot_of(context);
  sluice_handle only = atomic_load(&expected);
  if (slot < 0)
    atomic_store(&stale, service);
  if (only != 0 && context != only)
    atomic_store(&foreign, service);
  return slot;
}

static sluice_status refuse(sluice_error *error, const char *message) {
  if (error && error->struct_size >= SLUICE_ERROR_SIZE_V1) {
    uint32_t size = error->struct_size;
    memset(error, 0, SLUICE_ERROR_SIZE_V1);
    error->struct_size = size;
    error->code = SLUICE_DETERMINISTIC_FAILURE;
    error->message = sluice_kit_str(message); /* static: no release */
  }
  return SLUICE_DETERMINISTIC_FAILURE;
}

static const char stale_context[] = "the context handle is not one that create() received";

static void service_log(sluice_handle context, int32_t level, sluice_str message) {
  (void)level;
  (void)message;
  served(context, "log");
}

static void service_progress(sluice_handle context, uint64_t done, uint64_t total) {
  (void)done;
  (void)total;
  served(context, "progress");
}

static int64_t service_deadline(sluice_handle context) {
  served(context, "deadline");
  return INT64_MAX;
}

static uint32_t service_cancelled(sluice_handle context) {
  int slot = served(context, "cancelled");
  return slot >= 0 && atomic_load(&contexts[slot].cancelled) ? 1 : 0;
}

static int size_of(int fd, uint64_t *size) {
  struct stat is;
  if (fstat(fd, &is) != 0 || is.st_size < 0)
    return 0;
  *size = (uint64_t)is.st_size;
  return 1;
}

static sluice_status service_read_at(sluice_handle context, uint32_t stream, uint64_t offset, void *buffer, uint64_t size,
                                     uint64_t *got, sluice_error *error) {
  int slot = served(context, "read_at");
  if (!got || (!buffer && size))
    return refuse(error, "read_at: buffer or got is NULL");
  if (slot < 0)
    return refuse(error, stale_context);
  if (stream >= task.n_streams)
    return refuse(error, "read_at: there is no such source stream");
  uint64_t whole;
  if (!size_of(task.streams[stream], &whole))
    return refuse(error, "read_at: the source cannot be read");
  uint64_t done = 0, left = offset < whole ? whole - offset : 0;
  if (size > left)
    size = left;
  while (done < size) {
    ssize_t n = pread(task.streams[stream], (uint8_t *)buffer + done, size - done > 1 << 30 ? 1 << 30 : size - done,
                      (off_t)(offset + done));
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return refuse(error, "read_at: the source cannot be read");
    if (n == 0)
      break;
    done += (uint64_t)n;
  }
  *got = done;
  return SLUICE_OK;
}

static sluice_status service_stream_size(sluice_handle context, uint32_t stream, uint64_t *size, sluice_error *error) {
  if (served(context, "stream_size") < 0)
    return refuse(error, stale_context);
  if (stream >= task.n_streams || !size || !size_of(task.streams[stream], size))
    return refuse(error, "stream_size: there is no such source stream");
  return SLUICE_OK;
}

static sluice_status service_resource(sluice_handle context, sluice_str name, sluice_bytes *out, sluice_error *error) {
  if (served(context, "resource") < 0)
    return refuse(error, stale_context);
  if (!out || (!name.data && name.size))
    return refuse(error, "resource: name or out is NULL");
  for (uint32_t i = 0; i < task.n_resources; i++) {
    uint64_t size;
    if (task.resources[i].name_size != name.size || memcmp(task.resources[i].name, name.data, name.size) != 0)
      continue;
    if (!size_of(task.resources[i].fd, &size))
      break;
    pthread_mutex_lock(&map_lock);
    if (!mapped[i]) {
      void *memory = size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, task.resources[i].fd, 0) : (void *)"";
      mapped[i] = memory == MAP_FAILED ? NULL : memory;
    }
    const uint8_t *data = mapped[i];
    pthread_mutex_unlock(&map_lock);
    if (!data)
      return refuse(error, "resource: it cannot be mapped");
    out->data = data;
    out->size = size;
    return SLUICE_OK;
  }
  return refuse(error, "resource: the manifest names no such resource");
}

/* --- HTTP: one canned answer for each path -------------------------------------------------------------------------- */

/* The first answer whose path fits the request's, or -1. */
static int answer_to(sluice_str request_json) {
  sluice_kit_json *json = NULL;
  int found = -1;
  if (sluice_kit_json_parse(request_json, &json, NULL) != SLUICE_OK)
    return -1;
  const sluice_kit_value *path = sluice_kit_json_get(sluice_kit_json_root(json), "path");
  for (uint32_t i = 0; found < 0 && path && path->type == SLUICE_KIT_STRING && i < task.n_answers; i++) {
    size_t size = strlen(task.answers[i].path);
    if (path->text.size >= size && memcmp(path->text.data, task.answers[i].path, size) == 0)
      found = (int)i;
  }
  sluice_kit_json_free(json);
  return found;
}

static const char *code_of(int status) {
  return status == 429 ? "RATE_LIMIT" : status >= 500 ? "TRANSIENT_ERROR" : "DETERMINISTIC_FAILURE";
}

/* The whole file, malloc'ed. */
static char *read_file(int fd, uint64_t *size) {
  if (!size_of(fd, size) || *size > 1 << 26)
    return NULL;
  char *data = malloc(*size + 1);
  if (data && pread(fd, data, *size, 0) != (ssize_t)*size) {
    free(data);
    return NULL;
  }
  return data;
}

static sluice_status fill(sluice_text *out, const char *data, uint64_t size, sluice_error *error) {
  uint32_t given = out->struct_size;
  sluice_status status = sluice_kit_text_copy(out, data, size, error);
  out->struct_size = given;
  return status;
}

static sluice_status service_http(sluice_handle context, sluice_str request_json, sluice_bytes body,
                                  sluice_text *response_json, sluice_text *response_body, sluice_error *error) {
  int slot = served(context, "http");
  if (!response_json || !response_body || response_json->struct_size < SLUICE_TEXT_SIZE_V1 ||
      response_body->struct_size < SLUICE_TEXT_SIZE_V1 || (!request_json.data && request_json.size) ||
      (!body.data && body.size))
    return refuse(error, "http: an argument is NULL or too short");
  if (slot < 0)
    return refuse(error, stale_context);
  atomic_store(&contexts[slot].asked_http, 1);
  if (atomic_load(&contexts[slot].cancelled)) {
    (void)refuse(error, "http: the call was cancelled");
    return SLUICE_TIMEOUT;
  }
  int answer = answer_to(request_json);
  int code = task.n_answers == 0 ? 200 : answer < 0 ? 404 : task.answers[answer].status;
  uint64_t size = 2;
  char head[160], *data = answer < 0 ? strdup("{}") : read_file(task.answers[answer].fd, &size);
  if (!data)
    return refuse(error, "http: the canned answer cannot be read");
  int head_size = snprintf(head, sizeof head, "{%s%s%s\"headers\":{\"content-type\":\"application/json\"},\"status\":%d}",
                           code < 400 ? "" : "\"code\":\"", code < 400 ? "" : code_of(code), code < 400 ? "" : "\",", code);
  sluice_status status = fill(response_json, head, (uint64_t)head_size, error);
  if (status == SLUICE_OK && (status = fill(response_body, data, size, error)) != SLUICE_OK)
    response_json->release(response_json);
  free(data);
  return status;
}

/* None exists in this version of the ABI. */
static const void *service_extension(sluice_str id) {
  (void)id;
  return NULL;
}

const sluice_host *host_table(void) {
  static sluice_host table;
  table.struct_size = sizeof table;
  table.log = service_log;
  table.progress = service_progress;
  table.deadline = service_deadline;
  table.cancelled = service_cancelled;
  if (task.identity.kind == SLUICE_KIND_CONNECTOR) {
    table.read_at = service_read_at;
    table.stream_size = service_stream_size;
  }
  if (task.n_resources > 0)
    table.resource = service_resource;
  if (task.offers_http)
    table.http = service_http;
  table.get_extension = service_extension;
  return &table;
}

sluice_host_info host_info(void) {
  static const sluice_host_info ours = {
      .struct_size = sizeof ours,
      .abi_major = SLUICE_ABI_MAJOR,
      .abi_minor = SLUICE_ABI_MINOR,
      .name = SLUICE_KIT_LITERAL("sluice"),
      .version = SLUICE_KIT_LITERAL("0.1.0"),
  };
  sluice_host_info info = ours;
  info.host = host_table();
  return info;
}
