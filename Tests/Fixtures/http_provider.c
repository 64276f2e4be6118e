/* A provider over HTTP: every call asks the endpoint that it is told of, and answers with what came back.
 *
 * The config, {"request":{…},"body":"…"?,"where":"embed"|"create"|"token_estimate"|"after"|"flood"|"huge"}, says what is
 * asked and when; without a config it posts what embed was given to /v1/embed of the endpoint `main`. The text of infer and
 * health is {"response":<response_json>,"body":"<hex>"}; embed gives a vector a text, each of the first four bytes of the
 * response's body. What goes wrong is passed on as it came. */
#define _GNU_SOURCE
#include "fixture.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

static const sluice_host *host;
static sluice_handle context;
static char request[8192], where[32];
static uint64_t body_size;

/* The text behind `"key":"`, or the object behind `"key":`; the host made the JSON, so it is canonical. */
static void pick(const char *json, const char *key, char *out, size_t room) {
  const char *at = strstr(json, key);
  size_t size = 0, depth = 0;
  out[0] = '\0';
  if (!at)
    return;
  at += strlen(key);
  if (*at == '{')
    do {
      depth += at[size] == '{';
      depth -= at[size] == '}';
      size++;
    } while (depth && at[size] && size + 1 < room);
  else
    while (at[size] && at[size] != '"' && size + 1 < room)
      size++;
  memcpy(out, at, size);
  out[size] = '\0';
}

struct answer {
  sluice_text json, body;
};

static sluice_status ask(struct answer *answer, sluice_error *error, sluice_bytes body) {
  memset(answer, 0, sizeof *answer);
  answer->json.struct_size = answer->body.struct_size = sizeof answer->json;
  if (!host->http)
    return fixture_fail(error, SLUICE_DETERMINISTIC_FAILURE, "the host offers no http");
  sluice_str text = {request, strlen(request)};
  return host->http(context, text, body, &answer->json, &answer->body, error);
}

static sluice_bytes made_body(void) {
  static uint8_t *bytes;
  if (!bytes && body_size && (bytes = malloc(body_size)))
    memset(bytes, 'p', body_size);
  sluice_bytes body = {bytes, body_size};
  return body;
}

static void done(struct answer *answer) {
  if (answer->json.release)
    answer->json.release(&answer->json);
  if (answer->body.release)
    answer->body.release(&answer->body);
}

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"asks over HTTP\"}");
}

static sluice_status create(sluice_str config, sluice_handle handle, sluice_instance **out, sluice_error *error) {
  char json[16384], size[32];
  snprintf(json, sizeof json, "%.*s", (int)config.size, config.data);
  pick(json, "\"request\":", request, sizeof request);
  if (!request[0])
    strcpy(request, "{\"endpoint\":\"main\",\"method\":\"POST\",\"path\":\"/v1/embed\"}");
  pick(json, "\"where\":\"", where, sizeof where);
  pick(json, "\"body_size\":\"", size, sizeof size);
  body_size = strtoull(size, NULL, 10);
  context = handle;
  if (strcmp(where, "create") == 0) {
    struct answer answer;
    sluice_status status = ask(&answer, error, made_body());
    if (status != SLUICE_OK)
      return status;
    done(&answer);
  }
  return fixture_create(config, handle, out, error);
}

/* {"response":…,"body":"…"}; the body's first bytes in hexadecimal. */
static sluice_status tell(sluice_text *out, sluice_error *error) {
  struct answer answer;
  sluice_status status = ask(&answer, error, made_body());
  if (status != SLUICE_OK)
    return status;
  size_t shown = answer.body.size < 8192 ? answer.body.size : 8192;
  char *text = malloc(answer.json.size + shown * 2 + 128);
  if (!text) {
    done(&answer);
    return fixture_fail(error, SLUICE_TRANSIENT_ERROR, "out of memory");
  }
  size_t at = (size_t)sprintf(text, "{\"healthy\":true,\"size\":%llu,\"response\":%.*s,\"body\":\"",
                              (unsigned long long)answer.body.size, (int)answer.json.size, answer.json.data);
  for (size_t i = 0; i < shown; i++)
    at += (size_t)sprintf(text + at, "%02x", (uint8_t)answer.body.data[i]);
  strcpy(text + at, "\"}");
  done(&answer);
  status = fixture_text(out, text);
  free(text);
  return status;
}

static sluice_status infer(sluice_instance *instance, sluice_str prompt, sluice_text *out, sluice_error *error) {
  (void)instance, (void)prompt;
  return tell(out, error);
}

static sluice_status health(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance;
  return tell(out, error);
}

static void release_floats(sluice_floats *self) {
  free(self->private_data);
  self->release = NULL;
}

/* A thread of the plugin's own that asks and asks, behind the back of the call. */
static void *behind(void *nothing) {
  for (int i = 0; i < 3; i++) {
    struct answer answer;
    sluice_error error = {.struct_size = sizeof error};
    sluice_bytes none = {NULL, 0};
    sluice_status status = ask(&answer, &error, none);
    char line[200];
    int size = snprintf(line, sizeof line, "behind: status %d %.*s", (int)status, (int)error.message.size,
                        error.message.data ? error.message.data : "");
    sluice_str text = {line, (uint64_t)size};
    host->log(context, SLUICE_LOG_INFO, text);
    if (error.release)
      error.release(&error);
    done(&answer);
  }
  return nothing;
}

/* The strings behind the first '['; no prompt of a test holds a quote. */
static uint64_t texts(sluice_str prompts) {
  const char *list = memchr(prompts.data, '[', prompts.size);
  uint64_t quotes = 0;
  for (const char *at = list; at && at < prompts.data + prompts.size && *at != ']'; at++)
    quotes += *at == '"';
  return quotes / 2;
}

static sluice_status embed(sluice_instance *instance, sluice_str prompts, sluice_floats *out, sluice_error *error) {
  (void)instance;
  struct answer answer;
  sluice_bytes body = {(const uint8_t *)prompts.data, prompts.size};
  if (strcmp(where, "after") == 0) {
    /* The call ends while its thread still waits. */
    pthread_t thread;
    pthread_create(&thread, NULL, behind, NULL);
    pthread_detach(thread);
    struct timespec moment = {0, 200000000};
    nanosleep(&moment, NULL);
    return fixture_fail(error, SLUICE_DETERMINISTIC_FAILURE, "over");
  }
  if (strcmp(where, "flood") == 0) {
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
      pthread_create(&threads[i], NULL, behind, NULL);
    for (int i = 0; i < 3; i++)
      pthread_join(threads[i], NULL);
  }
  if (body_size)
    body = made_body();
  sluice_status status = ask(&answer, error, body);
  if (status != SLUICE_OK)
    return status;
  uint64_t rows = texts(prompts);
  float *values = calloc(rows * 4 + 1, sizeof *values);
  if (!values) {
    done(&answer);
    return fixture_fail(error, SLUICE_TRANSIENT_ERROR, "out of memory");
  }
  for (uint64_t i = 0; i < rows * 4; i++)
    values[i] = i % 4 < answer.body.size ? (uint8_t)answer.body.data[i % 4] : 0;
  done(&answer);
  out->dimensions = 4;
  out->rows = rows;
  out->data = values;
  out->private_data = values;
  out->release = release_floats;
  return SLUICE_OK;
}

static sluice_status token_estimate(sluice_instance *instance, sluice_str model, sluice_str text, uint64_t *tokens,
                                    sluice_error *error) {
  (void)instance, (void)model;
  *tokens = text.size / 4;
  if (strcmp(where, "token_estimate") != 0)
    return SLUICE_OK;
  struct answer answer;
  sluice_status status = ask(&answer, error, made_body());
  if (status == SLUICE_OK)
    done(&answer);
  return status;
}

static const sluice_provider_ops ops = {sizeof ops, 0, infer, embed, token_estimate, health, NULL, NULL};
static const sluice_plugin plugin = {
    sizeof plugin, SLUICE_ABI_MAJOR, SLUICE_ABI_MINOR, SLUICE_KIND_PROVIDER, FIXTURE_NAME("fixture.http_provider"),
    FIXTURE_STR(FIXTURE_VERSION), describe, create, fixture_destroy, fixture_cancel, &ops, NULL,
};

const sluice_plugin *sluice_plugin_entry(const sluice_host_info *info) {
  host = info->host;
  return &plugin;
}
