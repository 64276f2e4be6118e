#define _GNU_SOURCE
#include "http.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "services.h"
#include "wire.h"
#include "worker.h"

#define MAX_REQUEST_JSON (UINT64_C(64) * 1024)
/* The frame's other fields beside the body. */
#define FRAME_REST (MAX_REQUEST_JSON + 64)

struct waiter {
  uint32_t id;
  struct waiter *next;
  struct frame frame; /* the answer, once `payload` is set */
};

/* Everything below is under `lock`. A request is sent while it is held, so none can overtake the end of its call. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static pthread_once_t clock_set = PTHREAD_ONCE_INIT;
static struct waiter *waiters;
static uint32_t last_id;
static uint64_t calls; /* begun so far */
static int open;

static void set_clock(void) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&changed, &attributes);
  pthread_condattr_destroy(&attributes);
}

/* --- what the plugin gets back -------------------------------------------------------------------------------------- */

static void release_text(sluice_text *self) {
  free(self->private_data);
  self->data = NULL;
  self->size = 0;
  self->private_data = NULL;
  self->release = NULL;
}

static void release_error(sluice_error *self) {
  free(self->private_data);
  self->message.data = NULL;
  self->message.size = 0;
  self->private_data = NULL;
  self->release = NULL;
}

static int fill_text(sluice_text *out, sluice_str from) {
  char *copy = malloc(from.size + 1);
  if (!copy)
    return 0;
  memcpy(copy, from.data, from.size);
  copy[from.size] = '\0'; /* not counted; for those who forget that there is a size */
  out->data = copy;
  out->size = from.size;
  out->private_data = copy;
  out->release = release_text;
  return 1;
}

static sluice_status fail(sluice_error *error, sluice_status code, uint32_t retryable, uint64_t retry_after_ms,
                          sluice_str message) {
  if (!error || error->struct_size < SLUICE_ERROR_SIZE_V1)
    return code;
  uint32_t size = error->struct_size;
  memset(error, 0, SLUICE_ERROR_SIZE_V1);
  error->struct_size = size;
  error->code = code;
  error->retryable = retryable;
  error->retry_after_ms = retry_after_ms;
  char *copy = malloc(message.size + 1);
  if (!copy)
    return code;
  memcpy(copy, message.data, message.size);
  error->message.data = copy;
  error->message.size = message.size;
  error->private_data = copy;
  error->release = release_error;
  return code;
}

static sluice_status fail_plainly(sluice_error *error, sluice_status code, const char *message) {
  sluice_str text = {message, strlen(message)};
  return fail(error, code, code == SLUICE_TIMEOUT || code == SLUICE_TRANSIENT_ERROR, 0, text);
}

/* --- asking --------------------------------------------------------------------------------------------------------- */

static void send_request(uint32_t id, sluice_str request_json, sluice_bytes body) {
  struct writer writer;
  writer_init(&writer);
  writer_reserve(&writer, request_json.size + body.size + 16);
  writer_u32(&writer, id);
  writer_str(&writer, request_json.data, request_json.size);
  writer_str(&writer, body.data, body.size);
  worker_send(WIRE_HTTP_REQUEST, &writer);
}

/* Wait until there is an answer, the call is over or cancelled, or its time is. With `lock` held. */
static void await(const struct waiter *waiter, uint64_t call) {
  while (!waiter->frame.payload && open && calls == call && !worker_cancelled()) {
    int64_t left = worker_deadline();
    if (left == INT64_MAX) {
      pthread_cond_wait(&changed, &lock);
      continue;
    }
    if (left <= 0)
      return;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += left / 1000;
    until.tv_nsec += left % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
      until.tv_sec++;
      until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&changed, &lock, &until);
  }
}

static void unlink_waiter(const struct waiter *waiter) {
  struct waiter **place = &waiters;
  while (*place != waiter)
    place = &(*place)->next;
  *place = waiter->next;
}

static sluice_status deliver(struct frame *frame, sluice_text *response_json, sluice_text *response_body,
                             sluice_error *error) {
  struct reader reader = reader_make(frame->payload, frame->size);
  reader_u32(&reader);
  int32_t code = reader_i32(&reader);
  uint32_t retryable = reader_u32(&reader);
  uint64_t retry_after_ms = reader_u64(&reader);
  sluice_str text = reader_str(&reader);
  sluice_str body = reader_str(&reader);
  if (code != SLUICE_OK)
    return fail(error, code, retryable, retry_after_ms, text);
  if (!fill_text(response_json, text))
    return fail_plainly(error, SLUICE_TRANSIENT_ERROR, "http: there is no memory for the answer");
  if (!fill_text(response_body, body)) {
    release_text(response_json);
    return fail_plainly(error, SLUICE_TRANSIENT_ERROR, "http: there is no memory for the answer");
  }
  return SLUICE_OK;
}

sluice_status http_request(sluice_handle context, sluice_str request_json, sluice_bytes body,
                           sluice_text *response_json, sluice_text *response_body, sluice_error *error) {
  if (context != SERVICES_CONTEXT)
    return fail_plainly(error, SLUICE_DETERMINISTIC_FAILURE,
                        "the context handle is not the one that create() received");
  if (!response_json || !response_body || response_json->struct_size < SLUICE_TEXT_SIZE_V1 ||
      response_body->struct_size < SLUICE_TEXT_SIZE_V1)
    return fail_plainly(error, SLUICE_DETERMINISTIC_FAILURE, "http: an output is NULL or its struct_size is too small");
  if ((!request_json.data && request_json.size) || (!body.data && body.size))
    return fail_plainly(error, SLUICE_DETERMINISTIC_FAILURE, "http: request_json or body is NULL");
  if (request_json.size > MAX_REQUEST_JSON || body.size > WIRE_MAX_FRAME - FRAME_REST)
    return fail_plainly(error, SLUICE_POLICY_BLOCK, "http: the request is larger than a frame can hold");
  worker_listen();
  pthread_once(&clock_set, set_clock);
  pthread_mutex_lock(&lock);
  if (!open) {
    pthread_mutex_unlock(&lock);
    return fail_plainly(error, SLUICE_POLICY_BLOCK, "http: no call runs");
  }
  struct waiter waiter;
  memset(&waiter, 0, sizeof waiter);
  waiter.id = ++last_id;
  waiter.next = waiters;
  waiters = &waiter;
  uint64_t call = calls;
  if (!worker_cancelled())
    send_request(waiter.id, request_json, body);
  await(&waiter, call);
  unlink_waiter(&waiter);
  pthread_mutex_unlock(&lock);
  if (!waiter.frame.payload)
    return fail_plainly(error, SLUICE_TIMEOUT, "http: the call is over, was cancelled, or has no time left");
  sluice_status status = deliver(&waiter.frame, response_json, response_body, error);
  frame_free(&waiter.frame);
  return status;
}

/* --- the other side ------------------------------------------------------------------------------------------------- */

void http_response(struct frame *frame) {
  struct reader reader = reader_make(frame->payload, frame->size);
  uint32_t id = reader_u32(&reader);
  int32_t code = reader_i32(&reader);
  uint32_t retryable = reader_u32(&reader);
  reader_u64(&reader);
  reader_str(&reader);
  reader_str(&reader);
  if (!reader_done(&reader) || code < SLUICE_OK || code > SLUICE_QUARANTINE_REQUIRED || retryable > 1)
    _exit(WIRE_EXIT_PROTOCOL);
  pthread_once(&clock_set, set_clock);
  pthread_mutex_lock(&lock);
  struct waiter *waiter = waiters;
  while (waiter && waiter->id != id)
    waiter = waiter->next;
  if (waiter && !waiter->frame.payload) {
    waiter->frame = *frame;
    memset(frame, 0, sizeof *frame);
    pthread_cond_broadcast(&changed);
  }
  pthread_mutex_unlock(&lock);
  frame_free(frame);
}

void http_cancelled(void) {
  pthread_once(&clock_set, set_clock);
  pthread_mutex_lock(&lock);
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

void http_begin(void) {
  pthread_mutex_lock(&lock);
  calls++;
  open = 1;
  pthread_mutex_unlock(&lock);
}

void http_end(void) {
  pthread_once(&clock_set, set_clock);
  pthread_mutex_lock(&lock);
  open = 0;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}
