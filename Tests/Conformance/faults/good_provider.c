/* A provider without a fault: it posts the texts of embed to /v1/embed of its endpoint `main` and takes
 * {"data":[[numbers],…]}, a vector a text. infer posts its request to /v1/infer, takes {"text":"…"} and answers with that text. Its health is
 * whether /v1/health answers.
 *
 * -DFAULT_…: ../faults.json says which check of the suite finds it. */
#define _GNU_SOURCE
#include "good.h"

#include <time.h>

#define DIMENSIONS 4

struct sluice_instance {
  sluice_handle context;
};

static const sluice_host *services;

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return good_text(out, "{\"summary\":\"embeds by asking a server\"}");
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

static void destroy(sluice_instance *instance) { free(instance); }
static void cancel(sluice_instance *instance) { (void)instance; }

/* One answer of the host. */
struct answer {
  sluice_text json, body;
};

static void drop(struct answer *answer) {
  if (answer->json.release)
    answer->json.release(&answer->json);
  if (answer->body.release)
    answer->body.release(&answer->body);
}

static sluice_status ask(sluice_instance *instance, const char *request, sluice_bytes body, struct answer *answer,
                         sluice_error *error) {
  memset(answer, 0, sizeof *answer);
  answer->json.struct_size = answer->body.struct_size = sizeof answer->json;
  if (!services->http)
    return good_fail(error, SLUICE_PROVIDER_UNHEALTHY, "the host offers no way out");
  sluice_str text = {request, strlen(request)};
  return services->http(instance->context, text, body, &answer->json, &answer->body, error);
}

#if defined(FAULT_PROVIDER_ENDPOINT_OFF_LIST) || defined(FAULT_PROVIDER_SECRET_ABSENT)
/* Asks for something on the side, and does not mind what comes of it. */
static void ask_aside(sluice_instance *instance, const char *request) {
  struct answer answer;
  sluice_bytes none = {NULL, 0};
  sluice_error error = {.struct_size = sizeof error};
  (void)ask(instance, request, none, &answer, &error);
  if (error.release)
    error.release(&error);
  drop(&answer);
}
#endif

/* What the host calls a status of 400 and above. */
static sluice_status status_of(sluice_str response, sluice_error *error) {
  static const char *const names[] = {"POLICY_BLOCK", "DSL_REJECT", "PROVIDER_UNHEALTHY", "RATE_LIMIT", "TIMEOUT",
                                      "QUOTA_EXHAUSTED", "TRANSIENT_ERROR", "DETERMINISTIC_FAILURE",
                                      "QUARANTINE_REQUIRED"};
  const char *code = json_value(response, "code");
  if (!code)
    return SLUICE_OK;
  sluice_status status = SLUICE_DETERMINISTIC_FAILURE;
  for (sluice_status i = 0; i < 9; i++)
    if (strncmp(code + 1, names[i], strlen(names[i])) == 0)
      status = i + 1;
#ifdef FAULT_PROVIDER_RATE_LIMIT
  if (status == SLUICE_RATE_LIMIT)
    status = SLUICE_TRANSIENT_ERROR;
#endif
  good_fail(error, status, "the server refuses the request");
  const char *after = json_value(response, "retry_after_ms");
  if (after) {
    error->retryable = 1;
    error->retry_after_ms = strtoull(after, NULL, 10);
  }
  return status;
}

static void release_floats(sluice_floats *self) {
  free(self->private_data);
  self->private_data = NULL;
  self->data = NULL;
  self->release = NULL;
}

/* The strings behind the first '['; a quote within one stands behind a backslash. */
static uint64_t count_texts(sluice_str request) {
  const char *at = json_value(request, "texts"), *end = request.data + request.size;
  uint64_t count = 0;
  int inside = 0;
  for (; at && at < end && (inside || *at != ']'); at++) {
    if (inside && *at == '\\')
      at++;
    else if (*at == '"') {
      inside = !inside;
      count += (uint64_t)inside;
    }
  }
  return count;
}

static const char *skip(const char *at) {
  while (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')
    at++;
  return at;
}

/* {"data":[[…],…]} and nothing else; `text` ends with a NUL. */
static int read_vectors(const char *text, uint64_t rows, float *out) {
  static const char head[] = "{\"data\":[";
  const char *at = skip(text);
  if (strncmp(at, head, sizeof head - 1) != 0)
    return 0;
  at = skip(at + sizeof head - 1);
  for (uint64_t row = 0; row < rows; row++) {
    if (row && *at++ != ',')
      return 0;
    at = skip(at);
    if (*at++ != '[')
      return 0;
    for (int i = 0; i < DIMENSIONS; i++) {
      char *end;
      if (i && *at++ != ',')
        return 0;
      at = skip(at);
      if (!strchr("-0123456789", *at) || !*at)
        return 0;
      out[row * DIMENSIONS + (uint64_t)i] = strtof(at, &end);
      at = skip(end);
    }
    if (*at++ != ']')
      return 0;
    at = skip(at);
  }
  if (*at++ != ']')
    return 0;
  at = skip(at);
  if (*at++ != '}')
    return 0;
  return *skip(at) == '\0';
}

/* Hands over `rows` vectors of zeros, to be filled. */
static float *make_floats(sluice_floats *out, uint64_t rows) {
  float *values = calloc(rows * DIMENSIONS + 1, sizeof *values);
  if (!values)
    return NULL;
  out->struct_size = sizeof *out;
  out->dimensions = DIMENSIONS;
  out->rows = rows;
  out->data = values;
  out->private_data = values;
  out->release = release_floats;
  return values;
}

/* Whether a failure is answered all the same; no good provider does that. */
static int invents(sluice_instance *instance, sluice_status status) {
  (void)instance, (void)status;
#ifdef FAULT_PROVIDER_REDIRECT_OFF_LIST
  return status == SLUICE_POLICY_BLOCK;
#endif
#ifdef FAULT_PROVIDER_CUT_STREAM
  return status == SLUICE_TRANSIENT_ERROR;
#endif
#ifdef FAULT_PROVIDER_CANCELLATION
  struct timespec moment = {0, 1000000};
  while (services->cancelled(instance->context))
    nanosleep(&moment, NULL);
#endif
  return 0;
}

static sluice_status embed(sluice_instance *instance, sluice_str request, sluice_floats *out, sluice_error *error) {
  static const char post[] = "{\"endpoint\":\"main\",\"method\":\"POST\",\"path\":\"/v1/embed\","
                             "\"headers\":{\"content-type\":\"application/json\"}}";
  uint64_t rows = count_texts(request);
#ifdef FAULT_PROVIDER_ENDPOINT_OFF_LIST
  ask_aside(instance, "{\"endpoint\":\"telemetry\",\"method\":\"POST\",\"path\":\"/\"}");
#endif
#ifdef FAULT_PROVIDER_SECRET_ABSENT
  ask_aside(instance, "{\"endpoint\":\"main\",\"method\":\"GET\",\"path\":\"/v1/me\","
                      "\"headers\":{\"authorization\":\"Bearer my-own-credential\"}}");
#endif
#ifdef FAULT_PROVIDER_CANARY_SILENT
  if (memmem(request.data, request.size, "canary", 6))
    return make_floats(out, rows) ? SLUICE_OK : good_no_memory(error);
#endif
#ifdef FAULT_PROVIDER_CANARY
  sluice_str line = {request.data, request.size < 200 ? request.size : 200};
  services->log(instance->context, SLUICE_LOG_DEBUG, line);
#endif
  struct answer answer;
  sluice_bytes body = {(const uint8_t *)request.data, request.size};
  sluice_status status = ask(instance, post, body, &answer, error);
  if (status != SLUICE_OK) {
    drop(&answer);
#ifdef FAULT_PROVIDER_TIMEOUT
    if (status == SLUICE_TIMEOUT && !services->cancelled(instance->context)) {
      if (error->release)
        error->release(error);
      return good_fail(error, SLUICE_DETERMINISTIC_FAILURE, "the server is slow");
    }
#endif
    if (!invents(instance, status))
      return status;
    if (error->release)
      error->release(error);
    return make_floats(out, rows) ? SLUICE_OK : good_no_memory(error);
  }
  sluice_str response = {answer.json.data, answer.json.size};
  status = status_of(response, error);
#ifdef FAULT_PROVIDER_CANARY_REFUSED
  const char *number = json_value(response, "status");
  if (number && strtol(number, NULL, 10) == 400)
    abort();
#endif
#ifdef FAULT_PROVIDER_SECRET_ECHO
  if (answer.body.size && memmem(answer.body.data, answer.body.size, "bad request", 11))
    abort();
#endif
  float *values = status == SLUICE_OK ? make_floats(out, rows) : NULL;
  char *text = status == SLUICE_OK ? malloc(answer.body.size + 1) : NULL;
  if (status == SLUICE_OK && (!values || !text)) {
    status = good_no_memory(error);
  } else if (status == SLUICE_OK) {
    memcpy(text, answer.body.data ? answer.body.data : "", answer.body.size);
    text[answer.body.size] = '\0';
    if (strlen(text) != answer.body.size || !read_vectors(text, rows, values)) {
#ifndef FAULT_PROVIDER_MALFORMED_JSON
      status = good_fail(error, SLUICE_DETERMINISTIC_FAILURE, "the server's answer is malformed");
#endif
    }
  }
  if (status != SLUICE_OK && out->release)
    out->release(out);
  free(text);
  drop(&answer);
  return status;
}

/* {"text":"…"} and nothing else. */
static int is_answer(sluice_str text) {
  static const char head[] = "{\"text\":\"";
  const uint64_t before = sizeof head - 1;
  if (text.size < before + 2 || memcmp(text.data, head, before) != 0 ||
      memcmp(text.data + text.size - 2, "\"}", 2) != 0)
    return 0;
  for (uint64_t at = before; at < text.size - 2; at++)
    if (text.data[at] == '"' || text.data[at] == '\\' || (unsigned char)text.data[at] < ' ')
      return 0;
  return 1;
}

/* The document of an answer around {"text":"…"}. */
static int made_answer(struct text *text, sluice_str said) {
#ifdef FAULT_PROVIDER_DOCUMENTS
  static const char head[] = "{\"answer\":{\"finish\":\"done\",\"model\":\"good\",";
#else
  static const char head[] = "{\"answer\":{\"finish\":\"stop\",\"model\":\"good\",";
#endif
  return text_bytes(text, head, sizeof head - 1) && text_bytes(text, said.data + 1, said.size - 1) &&
         text_bytes(text, "}", 1);
}

static sluice_status infer(sluice_instance *instance, sluice_str request, sluice_text *out, sluice_error *error) {
  struct answer answer;
  sluice_bytes body = {(const uint8_t *)request.data, request.size};
  sluice_status status = ask(instance, "{\"endpoint\":\"main\",\"method\":\"POST\",\"path\":\"/v1/infer\"}", body,
                             &answer, error);
  if (status == SLUICE_OK) {
    sluice_str response = {answer.json.data, answer.json.size}, said = {answer.body.data, answer.body.size};
    status = status_of(response, error);
    struct text text = {0};
    if (status == SLUICE_OK && !is_answer(said))
      status = good_fail(error, SLUICE_DETERMINISTIC_FAILURE, "the server's answer is malformed");
    else if (status == SLUICE_OK)
      status = made_answer(&text, said) ? good_give(out, &text) : good_no_memory(error);
  }
  drop(&answer);
  return status;
}

static sluice_status token_estimate(sluice_instance *instance, sluice_str model, sluice_str text, uint64_t *tokens,
                                    sluice_error *error) {
  (void)instance, (void)model, (void)error;
  *tokens = text.size / 4 + 1;
  return SLUICE_OK;
}

static sluice_status health(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  struct answer answer;
  sluice_bytes none = {NULL, 0};
  sluice_status status = ask(instance, "{\"endpoint\":\"main\",\"method\":\"GET\",\"path\":\"/v1/health\"}", none,
                             &answer, error);
  if (status == SLUICE_OK) {
    sluice_str response = {answer.json.data, answer.json.size};
    status = status_of(response, error);
  }
  drop(&answer);
  return status == SLUICE_OK ? good_text(out, "{\"healthy\":true,\"models\":[{\"id\":\"good\",\"dimensions\":4}]}")
                             : status;
}

#define GOOD_KIND 1
#define GOOD_ID "good.provider"
#include "good_guard.h"
