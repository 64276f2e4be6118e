/* A provider of completions and batches that does as the model's name says; docs/providers.md has the documents.
 *
 * infer: "echo" answers the messages' number in its own count of calls; "http" asks the endpoint "api" for
 * /v1/chat/completions with the request as body, and answers with what came; "wait" answers when it is cancelled, "deaf" never; "abort" dies;
 * "limit" fails with a sluice_error, "refused" with a failure; the others answer what no provider may. submit answers
 * the number of items as the batch's name, and poll does as the batch's name says. */
#define _GNU_SOURCE
#include "fixture.h"

#include <time.h>

static const sluice_host *host;
static unsigned calls;

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"does as it is told\"}");
}

/* The text behind the first `key`, which ends with a quote; the host's JSON is canonical. */
static void pick(sluice_str json, const char *key, char *out, size_t room) {
  size_t length = strlen(key), size = 0;
  out[0] = '\0';
  const char *at = memmem(json.data, json.size, key, length);
  if (!at)
    return;
  for (at += length; at < json.data + json.size && *at != '"' && size + 1 < room; at++)
    out[size++] = *at;
  out[size] = '\0';
}

static unsigned count(sluice_str json, const char *word) {
  unsigned found = 0;
  const char *at = json.data, *end = json.data + json.size;
  while ((at = memmem(at, (size_t)(end - at), word, strlen(word)))) {
    found++;
    at += strlen(word);
  }
  return found;
}

static const struct {
  const char *name, *answer;
} documents[] = {
    {"garbage", "surely {not JSON"},
    {"number", "17"},
    {"neither", "{\"reply\":{}}"},
    {"both", "{\"answer\":{},\"failure\":{}}"},
    {"wrong_type", "{\"answer\":{\"model\":\"m\",\"text\":[\"t\"],\"finish\":\"stop\"}}"},
    {"wrong_finish", "{\"answer\":{\"model\":\"m\",\"text\":\"t\",\"finish\":\"refusal\"}}"},
    {"negative", "{\"answer\":{\"model\":\"m\",\"text\":\"t\",\"finish\":\"stop\",\"usage\":{\"input\":-1,\"output\":2}}}"},
    {"more",
     "{\"answer\":{\"model\":\"m\",\"text\":\"t\",\"finish\":\"stop\",\"usage\":{\"input\":3,\"output\":2,\"reasoning\":3}}}"},
    {"later",
     "{\"answer\":{\"model\":\"m\",\"text\":\"t\",\"finish\":\"length\",\"mood\":7,\"tier\":\"flex\",\"request_id\":\"r-1\","
     "\"treatments\":{\"temperature\":\"mapped\"},\"usage\":{\"input\":9,\"cached_input\":4,\"output\":2,\"later\":true}},"
     "\"more\":[]}"},
    {"refused",
     "{\"failure\":{\"code\":\"QUOTA_EXHAUSTED\",\"scope\":\"credential\",\"reason\":\"insufficient_quota\","
     "\"message\":\"pay first\",\"status\":429,\"retry_after_ms\":2000}}"},
    {"no_code", "{\"failure\":{\"code\":\"SLUICE_OK\",\"reason\":\"fine\"}}"},
};

static sluice_status huge(sluice_text *out) {
  static const char head[] = "{\"answer\":{\"model\":\"m\",\"finish\":\"stop\",\"text\":\"", tail[] = "\"}}";
  size_t size = 17u << 20, whole = sizeof head - 1 + size + sizeof tail - 1;
  char *text = malloc(whole);
  if (!text)
    return SLUICE_TRANSIENT_ERROR;
  memcpy(text, head, sizeof head - 1);
  memset(text + sizeof head - 1, 'x', size);
  memcpy(text + sizeof head - 1 + size, tail, sizeof tail - 1);
  out->data = out->private_data = text;
  out->size = whole;
  out->release = fixture_release_text;
  return SLUICE_OK;
}

/* A good answer, and beside it a hundred thousand objects that nobody asked for. */
static sluice_status crowd(sluice_text *out) {
  static const char head[] = "{\"answer\":{\"model\":\"m\",\"finish\":\"stop\",\"text\":\"t\"},\"x\":[{\"a\":0}";
  size_t each = 8, size = 100000 * each;
  char *text = malloc(sizeof head + size + 2);
  if (!text)
    return SLUICE_TRANSIENT_ERROR;
  memcpy(text, head, sizeof head - 1);
  for (size_t i = 0; i < size; i += each)
    memcpy(text + sizeof head - 1 + i, ",{\"a\":0}", each);
  memcpy(text + sizeof head - 1 + size, "]}", 2);
  out->data = out->private_data = text;
  out->size = sizeof head - 1 + size + 2;
  out->release = fixture_release_text;
  return SLUICE_OK;
}

/* What the endpoint says, as the text of an answer; its body is hexadecimal there. */
static sluice_status ask(sluice_handle context, const char *path, sluice_str body, sluice_text *out, sluice_error *error) {
  if (!host->http)
    return fixture_fail(error, SLUICE_DETERMINISTIC_FAILURE, "the host offers no http");
  char request[256];
  snprintf(request, sizeof request,
           "{\"endpoint\":\"api\",\"method\":\"POST\",\"path\":\"%s\",\"headers\":{\"content-type\":\"application/json\"}}", path);
  sluice_text json = {.struct_size = sizeof json}, said = {.struct_size = sizeof said};
  sluice_str asked = {request, strlen(request)};
  sluice_bytes bytes = {(const uint8_t *)body.data, body.size};
  sluice_status status = host->http(context, asked, bytes, &json, &said, error);
  if (status != SLUICE_OK)
    return status;
  char *text = malloc(2 * said.size + 128);
  size_t at = (size_t)sprintf(text, "{\"answer\":{\"model\":\"http\",\"finish\":\"stop\",\"text\":\"");
  for (uint64_t i = 0; i < said.size; i++)
    at += (size_t)sprintf(text + at, "%02x", (uint8_t)said.data[i]);
  strcpy(text + at, "\"}}");
  json.release(&json);
  said.release(&said);
  status = fixture_text(out, text);
  free(text);
  return status;
}

static sluice_status infer(sluice_instance *instance, sluice_str request, sluice_text *out, sluice_error *error) {
  char model[64], text[256];
  calls++;
  pick(request, "\"model\":\"", model, sizeof model);
  if (strcmp(model, "echo") == 0) {
    snprintf(text, sizeof text, "{\"answer\":{\"model\":\"echo\",\"text\":\"%u of %u\",\"finish\":\"stop\"}}",
             count(request, "\"role\":"), calls);
    return fixture_text(out, text);
  }
  if (strcmp(model, "http") == 0)
    return ask(instance->context, "/v1/chat/completions", request, out, error);
  if (strcmp(model, "wait") == 0 || strcmp(model, "deaf") == 0) {
    host->log(instance->context, 1, (sluice_str){model, strlen(model)});
    while (strcmp(model, "deaf") == 0 || !host->cancelled(instance->context))
      nanosleep(&(struct timespec){0, 1000000}, NULL);
    return fixture_fail(error, SLUICE_TIMEOUT, "it was cancelled");
  }
  if (strcmp(model, "abort") == 0)
    abort();
  if (strcmp(model, "huge") == 0)
    return huge(out);
  if (strcmp(model, "crowd") == 0)
    return crowd(out);
  if (strcmp(model, "mimic") == 0)
    return fixture_fail(error, SLUICE_DETERMINISTIC_FAILURE, "the plugin does not offer this call");
  if (strcmp(model, "lies") == 0) {
    sluice_text said = {.struct_size = sizeof said};
    sluice_status status = ask(instance->context, "/v1/chat/completions", request, &said, error);
    if (status != SLUICE_OK)
      return status;
    said.release(&said);
    return fixture_text(out, "{\"failure\":{\"code\":\"RATE_LIMIT\",\"reason\":\"slow_down\",\"status\":429}}");
  }
  if (strcmp(model, "limit") == 0) {
    error->retryable = 1;
    error->retry_after_ms = 1500;
    return fixture_fail(error, SLUICE_RATE_LIMIT, "slow down");
  }
  for (size_t i = 0; i < sizeof documents / sizeof *documents; i++)
    if (strcmp(documents[i].name, model) == 0)
      return fixture_text(out, documents[i].answer);
  return fixture_fail(error, SLUICE_DETERMINISTIC_FAILURE, "there is no such model");
}

static sluice_status submit(sluice_instance *instance, sluice_str request, sluice_text *out, sluice_error *error) {
  char text[128];
  if (memmem(request.data, request.size, "\"model\":\"http\"", 14)) {
    sluice_text said = {.struct_size = sizeof said};
    sluice_status status = ask(instance->context, "/v1/batches", request, &said, error);
    if (status != SLUICE_OK)
      return status;
    said.release(&said);
  }
  if (memmem(request.data, request.size, "\"model\":\"lies\"", 14)) {
    sluice_text said = {.struct_size = sizeof said};
    sluice_status status = ask(instance->context, "/v1/batches", request, &said, error);
    if (status != SLUICE_OK)
      return status;
    said.release(&said);
    return fixture_text(out, "{\"failure\":{\"code\":\"DETERMINISTIC_FAILURE\",\"reason\":\"not_offered\"}}");
  }
  snprintf(text, sizeof text, "{\"batch\":\"batch of %u\"}", count(request, "\"id\":"));
  return fixture_text(out, text);
}

static sluice_status poll_batch(sluice_instance *instance, sluice_str request, sluice_text *out, sluice_error *error) {
  (void)instance;
  char batch[64];
  pick(request, "\"batch\":\"", batch, sizeof batch);
  if (memmem(request.data, request.size, "\"cancel\":true", 13))
    return fixture_text(out, "{\"state\":\"cancelled\"}");
  if (strcmp(batch, "running") == 0)
    return fixture_text(out, "{\"state\":\"running\",\"results\":[]}");
  if (strcmp(batch, "twice") == 0)
    return fixture_text(out, "{\"state\":\"done\",\"results\":[{\"id\":\"a\",\"answer\":{\"model\":\"m\",\"text\":\"\",\"finish\":"
                             "\"stop\"}},{\"id\":\"a\",\"failure\":{\"code\":\"TIMEOUT\",\"reason\":\"late\"}}]}");
  if (strcmp(batch, "lost") == 0)
    return fixture_text(out, "{\"failure\":{\"code\":\"DETERMINISTIC_FAILURE\",\"reason\":\"unknown_batch\"}}");
  if (strcmp(batch, "nowhere") == 0)
    return fixture_text(out, "{\"state\":\"lost in thought\"}");
  if (strncmp(batch, "batch of", 8) == 0)
    return fixture_text(out, "{\"state\":\"done\",\"results\":[{\"id\":\"b\",\"failure\":{\"code\":\"TIMEOUT\",\"reason\":\"late\"}},"
                             "{\"id\":\"c\",\"answer\":{\"text\":7}},"
                             "{\"id\":\"a\",\"answer\":{\"model\":\"m\",\"text\":\"hello\",\"finish\":\"stop\"}}]}");
  return fixture_fail(error, SLUICE_DETERMINISTIC_FAILURE, "there is no such batch");
}

static sluice_status token_estimate(sluice_instance *instance, sluice_str model, sluice_str text, uint64_t *tokens,
                                    sluice_error *error) {
  (void)instance, (void)model, (void)error;
  *tokens = text.size / 4;
  return SLUICE_OK;
}

static sluice_status health(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance, (void)error;
  return fixture_text(out, "{\"healthy\":true,\"models\":[{\"id\":\"echo\"}]}");
}

static const sluice_provider_ops ops = {sizeof ops, 0, infer, NULL, token_estimate, health, submit, poll_batch};
FIXTURE_PLUGIN(SLUICE_KIND_PROVIDER, "fixture.model_provider", describe, ops);

const sluice_plugin *sluice_plugin_entry(const sluice_host_info *info) {
  host = info->host;
  return &fixture_plugin;
}
