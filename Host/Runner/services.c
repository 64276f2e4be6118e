#define _GNU_SOURCE
#include "services.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http.h"
#include "relay.h"
#include "wire.h"
#include "worker.h"

#define FIRST_SOURCE_DESCRIPTOR 5

struct stream {
  int fd;
  uint64_t size;
};

struct resource {
  char *name;
  uint64_t name_size;
  int fd;
  uint64_t size;
  const uint8_t *mapped; /* under `map_lock` */
};

static struct stream *streams;
static uint32_t n_streams;
static struct resource *resources;
static uint32_t n_resources;
static pthread_mutex_t map_lock = PTHREAD_MUTEX_INITIALIZER;
static sluice_host table;

static sluice_status fail(sluice_error *error, sluice_status code, const char *message) {
  if (error && error->struct_size >= SLUICE_ERROR_SIZE_V1) {
    uint32_t size = error->struct_size;
    memset(error, 0, SLUICE_ERROR_SIZE_V1);
    error->struct_size = size;
    error->code = code;
    error->message.data = message; /* static: no release */
    error->message.size = strlen(message);
    error->retryable = code == SLUICE_TRANSIENT_ERROR;
  }
  return code;
}

static const char stale[] = "the context handle is not the one that create() received";

static void service_log(sluice_handle context, int32_t level, sluice_str message) {
  if (context != SERVICES_CONTEXT || !worker_loaded())
    return;
  if (!message.data)
    message.size = 0;
  if (level < SLUICE_LOG_DEBUG || level > SLUICE_LOG_ERROR)
    level = SLUICE_LOG_ERROR;
  struct writer writer;
  writer_init(&writer);
  writer_i32(&writer, level);
  writer_repaired(&writer, message.data, message.size, SERVICES_MAX_MESSAGE);
  worker_send(WIRE_LOG, &writer);
}

static void service_progress(sluice_handle context, uint64_t done, uint64_t total) {
  if (context != SERVICES_CONTEXT || !worker_loaded())
    return;
  struct writer writer;
  writer_init(&writer);
  writer_u64(&writer, done);
  writer_u64(&writer, total);
  worker_send(WIRE_PROGRESS, &writer);
}

static int64_t service_deadline(sluice_handle context) {
  return context == SERVICES_CONTEXT ? worker_deadline() : INT64_MAX;
}

static uint32_t service_cancelled(sluice_handle context) {
  return context == SERVICES_CONTEXT && worker_cancelled() ? 1 : 0;
}

static sluice_status service_read_at(sluice_handle context, uint32_t stream, uint64_t offset, void *buffer,
                                     uint64_t size, uint64_t *got, sluice_error *error) {
  if (got)
    *got = 0;
  if (context != SERVICES_CONTEXT)
    return fail(error, SLUICE_DETERMINISTIC_FAILURE, stale);
  if (stream >= n_streams)
    return fail(error, SLUICE_DETERMINISTIC_FAILURE, "read_at: there is no such source stream");
  if (!got || (!buffer && size))
    return fail(error, SLUICE_DETERMINISTIC_FAILURE, "read_at: buffer or got is NULL");
  const struct stream *source = &streams[stream];
  if (offset >= source->size)
    return SLUICE_OK;
  if (size > source->size - offset)
    size = source->size - offset;
  uint64_t done = 0;
  while (done < size) {
    uint64_t rest = size - done;
    ssize_t n = pread(source->fd, (uint8_t *)buffer + done, rest > 0x40000000 ? 0x40000000 : rest,
                      (off_t)(offset + done));
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return fail(error, SLUICE_DETERMINISTIC_FAILURE, "read_at: the source cannot be read");
    if (n == 0)
      break; /* the file shrank since the host looked: the host's fingerprint finds it */
    done += (uint64_t)n;
  }
  *got = done;
  return SLUICE_OK;
}

static sluice_status service_stream_size(sluice_handle context, uint32_t stream, uint64_t *size, sluice_error *error) {
  if (context != SERVICES_CONTEXT)
    return fail(error, SLUICE_DETERMINISTIC_FAILURE, stale);
  if (stream >= n_streams || !size)
    return fail(error, SLUICE_DETERMINISTIC_FAILURE, "stream_size: there is no such source stream");
  *size = streams[stream].size;
  return SLUICE_OK;
}

static const uint8_t *map(struct resource *resource) {
  struct stat status;
  /* A mapping past the end of its file would be a SIGBUS in the plugin's hands. */
  if (fstat(resource->fd, &status) != 0 || status.st_size < 0 || (uint64_t)status.st_size < resource->size)
    return NULL;
  void *memory = mmap(NULL, resource->size, PROT_READ, MAP_PRIVATE, resource->fd, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

static sluice_status service_resource(sluice_handle context, sluice_str name, sluice_bytes *out, sluice_error *error) {
  if (context != SERVICES_CONTEXT)
    return fail(error, SLUICE_DETERMINISTIC_FAILURE, stale);
  if (!out || (!name.data && name.size))
    return fail(error, SLUICE_DETERMINISTIC_FAILURE, "resource: name or out is NULL");
  for (uint32_t i = 0; i < n_resources; i++) {
    struct resource *resource = &resources[i];
    if (resource->name_size != name.size || memcmp(resource->name, name.data, name.size) != 0)
      continue;
    pthread_mutex_lock(&map_lock);
    if (!resource->mapped)
      resource->mapped = resource->size ? map(resource) : (const uint8_t *)"";
    const uint8_t *data = resource->mapped;
    pthread_mutex_unlock(&map_lock);
    if (!data)
      return fail(error, SLUICE_DETERMINISTIC_FAILURE,
                  "resource: it cannot be mapped (shorter than declared, or the memory limit is too low)");
    out->data = data;
    out->size = resource->size;
    return SLUICE_OK;
  }
  return fail(error, SLUICE_DETERMINISTIC_FAILURE, "resource: the manifest names no such resource");
}

static const void *service_get_extension(sluice_str id) {
  (void)id;
  return NULL; /* none exists in this version of the ABI */
}

static int good_descriptor(int fd, uint64_t size, int highest) {
  return fd >= FIRST_SOURCE_DESCRIPTOR && fd <= highest && size <= INT64_MAX;
}

/* Each entry of a list takes at least `least` bytes, so a count that the payload cannot hold is a lie. */
static void *list(const struct reader *load, uint32_t count, size_t least, size_t size) {
  if (load->bad || count > load->left / least)
    return NULL;
  void *memory = calloc((size_t)count + 1, size);
  if (!memory)
    _exit(WIRE_EXIT_MEMORY);
  return memory;
}

int services_read(struct reader *load, int highest_descriptor) {
  uint64_t services = reader_u64(load);
  n_streams = reader_u32(load);
  if (!(streams = list(load, n_streams, 12, sizeof *streams)))
    return 0;
  for (uint32_t i = 0; i < n_streams; i++) {
    streams[i].fd = reader_i32(load);
    streams[i].size = reader_u64(load);
    if (load->bad || !good_descriptor(streams[i].fd, streams[i].size, highest_descriptor))
      return 0;
  }
  n_resources = reader_u32(load);
  if (!(resources = list(load, n_resources, 16, sizeof *resources)))
    return 0;
  for (uint32_t i = 0; i < n_resources; i++) {
    sluice_str name = reader_str(load);
    resources[i].fd = reader_i32(load);
    resources[i].size = reader_u64(load);
    if (load->bad || name.size == 0 || !good_descriptor(resources[i].fd, resources[i].size, highest_descriptor))
      return 0;
    if (!(resources[i].name = malloc(name.size)))
      _exit(WIRE_EXIT_MEMORY);
    memcpy(resources[i].name, name.data, name.size);
    resources[i].name_size = name.size;
  }
  if (services & ~(uint64_t)(WIRE_SERVICE_READ_AT | WIRE_SERVICE_RESOURCE | WIRE_SERVICE_HTTP | WIRE_SERVICE_RELAY))
    return 0;
  /* What the command line prepared is offered, and nothing else. */
  if ((services & WIRE_SERVICE_RELAY) ? !relay_offer(reader_i32(load)) : relay_descriptor() >= 0)
    return 0;
  table.struct_size = sizeof table;
  table.log = service_log;
  table.progress = service_progress;
  table.deadline = service_deadline;
  table.cancelled = service_cancelled;
  if (services & WIRE_SERVICE_READ_AT) {
    table.read_at = service_read_at;
    table.stream_size = service_stream_size;
  }
  if (services & WIRE_SERVICE_RESOURCE)
    table.resource = service_resource;
  if (services & WIRE_SERVICE_HTTP)
    table.http = http_request;
  table.get_extension = service_get_extension;
  return 1;
}

const sluice_host *services_table(void) { return &table; }
