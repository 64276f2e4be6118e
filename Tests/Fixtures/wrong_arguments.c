/* Calls the host's services with every argument that docs/abi.md calls wrong, and says what each call came to: `infer`
 * answers {"read_at":[…],…} with the statuses in the order below. Whatever a refused call writes besides `error` makes its
 * status -1. */
#include "fixture.h"

#include <stdio.h>

#define HUGE (SLUICE_TEXT_MAX + 1)

static sluice_host services;
static char answer[1024];
static size_t used;

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"asks badly\"}");
}

static void write(const char *text) { used += (size_t)snprintf(answer + used, sizeof answer - used, "%s", text); }

static void status(sluice_status value) {
  used += (size_t)snprintf(answer + used, sizeof answer - used, "%s%d", answer[used - 1] == '[' ? "" : ",", value);
}

/* An error that was filled as it should be, or not at all when it is too short. */
static sluice_status told(sluice_status value, const sluice_error *error) {
  if (error->struct_size < SLUICE_ERROR_SIZE_V1)
    return error->code == 0 && !error->message.data ? value : -1;
  return error->code == value && error->message.size ? value : -1;
}

static sluice_error room(uint32_t size) { return (sluice_error){.struct_size = size}; }

static void ask_read_at(sluice_handle context) {
  char buffer[4];
  uint64_t got = 7;
  sluice_error error = room(sizeof error), brief = room(SLUICE_ERROR_SIZE_V1 - 8);
  write("\"read_at\":[");
  status(told(services.read_at(context, 0, 0, buffer, 4, NULL, &error), &error));
  status(told(services.read_at(context, 0, 0, NULL, 4, &got, &error), &error));
  status(told(services.read_at(context, 99, 0, buffer, 4, &got, &error), &error));
  status(told(services.read_at(context + 1, 0, 0, buffer, 4, &got, &error), &error));
  status(told(services.read_at(context, 99, 0, buffer, 4, &got, &brief), &brief));
  status(services.read_at(context, 99, 0, buffer, 4, &got, NULL));
  status(services.read_at(context, 0, UINT64_MAX, buffer, UINT64_MAX, &got, NULL) == SLUICE_OK && got == 0 ? 0 : -1);
  write("],\"stream_size\":[");
  status(told(services.stream_size(context, 0, NULL, &error), &error));
  status(told(services.stream_size(context, 99, &got, &error), &error));
  status(told(services.stream_size(context + 1, 0, &got, &error), &error));
  status(services.stream_size(context, 99, NULL, NULL));
  write("]");
}

static void ask_resource(sluice_handle context) {
  sluice_str good = FIXTURE_STR("words"), none = {NULL, 5}, huge = {"words", HUGE};
  sluice_bytes out = {NULL, 7};
  sluice_error error = room(sizeof error);
  write(",\"resource\":[");
  status(told(services.resource(context, good, NULL, &error), &error));
  status(told(services.resource(context, none, &out, &error), &error));
  status(told(services.resource(context, huge, &out, &error), &error));
  status(told(services.resource(context + 1, good, &out, &error), &error));
  status(services.resource(context, none, &out, NULL));
  write(out.data || out.size != 7 ? ",-1]" : "]");
}

static void ask_http(sluice_handle context) {
  sluice_str request = FIXTURE_STR("{}"), no_request = {NULL, 2}, huge = {"{}", HUGE};
  sluice_bytes body = {NULL, 0}, no_body = {NULL, 2}, huge_body = {(const uint8_t *)"", HUGE};
  sluice_text json = {.struct_size = sizeof json}, text = {.struct_size = sizeof text}, brief = {.struct_size = 8};
  sluice_error error = room(sizeof error);
  write(",\"http\":[");
  status(told(services.http(context, request, body, NULL, &text, &error), &error));
  status(told(services.http(context, request, body, &json, NULL, &error), &error));
  status(told(services.http(context, request, body, &brief, &text, &error), &error));
  status(told(services.http(context, request, body, &json, &brief, &error), &error));
  status(told(services.http(context, no_request, body, &json, &text, &error), &error));
  status(told(services.http(context, request, no_body, &json, &text, &error), &error));
  status(told(services.http(context + 1, request, body, &json, &text, &error), &error));
  status(told(services.http(context, huge, body, &json, &text, &error), &error));
  status(told(services.http(context, request, huge_body, &json, &text, &error), &error));
  status(services.http(context, huge, body, &json, &text, NULL));
  write(json.data || json.release || text.data || text.release || brief.data ? ",-1]" : "]");
  if (error.release)
    error.release(&error);
}

static sluice_status infer(sluice_instance *instance, sluice_str request, sluice_text *out, sluice_error *error) {
  sluice_handle context = instance->context;
  sluice_str none = {NULL, 5}, empty = {NULL, 0};
  (void)request, (void)error;
  answer[0] = '{';
  used = 1;
  ask_read_at(context);
  ask_resource(context);
  ask_http(context);
  services.log(context, SLUICE_LOG_INFO, none);
  services.log(context, 99, empty);
  services.log(context + 1, SLUICE_LOG_INFO, (sluice_str)FIXTURE_STR("by a stale handle"));
  services.progress(context + 1, 1, 2);
  write(",\"others\":[");
  status(services.get_extension(none) != NULL);
  status(services.get_extension(empty) != NULL);
  status(services.cancelled(context + 1) != 0);
  status(services.deadline(context + 1) == INT64_MAX);
  write("]}");
  return fixture_text(out, answer);
}

static const sluice_provider_ops ops = {sizeof ops, 0, infer, NULL, NULL, NULL, NULL, NULL};
FIXTURE_PLUGIN(SLUICE_KIND_PROVIDER, "fixture.wrong_arguments", describe, ops);

const sluice_plugin *sluice_plugin_entry(const sluice_host_info *host) {
  services = *host->host;
  return &fixture_plugin;
}
