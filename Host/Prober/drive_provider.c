/* The ordinary use of a provider: health, an estimate, two vectors, one completion. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "prober.h"

/* As the host asks: the texts that the quirks' answers are made for. */
static const char *embed_request(void) {
  static char request[512];
  sluice_kit_writer writer = {0};
  sluice_kit_begin_object(&writer);
  sluice_kit_key(&writer, "model");
  if (task.model)
    sluice_kit_cstring(&writer, task.model);
  else
    sluice_kit_null(&writer);
  sluice_kit_key(&writer, "texts");
  sluice_kit_begin_array(&writer);
  sluice_kit_cstring(&writer, "first name");
  sluice_kit_cstring(&writer, "last name");
  sluice_kit_end_array(&writer);
  sluice_kit_end_object(&writer);
  snprintf(request, sizeof request, "%.*s", (int)writer.size, writer.data ? writer.data : "");
  sluice_kit_writer_free(&writer);
  return request;
}

static void embed(struct session *session) {
  struct floats_slot slot;
  if (!plugin.ops.provider.embed)
    return;
  floats_slot_begin(&slot);
  const char *request = embed_request();
  sluice_str text = input_text(request, strlen(request));
  struct error_slot *error = call_begin(session, "embed");
  if (call_end(session, "embed", plugin.ops.provider.embed(session->instance, text, &slot.floats, &error->error)))
    floats_slot_end(&slot, "the vectors of embed", &session->digest);
}

static void estimate(struct session *session) {
  static const char words[] = "first name of the customer";
  uint64_t tokens = 0;
  if (!plugin.ops.provider.token_estimate)
    return;
  sluice_str model = {NULL, 0}, text = input_text(words, sizeof words - 1);
  struct error_slot *error = call_begin(session, "token_estimate");
  sluice_status status = plugin.ops.provider.token_estimate(session->instance, model, text, &tokens, &error->error);
  if (call_end(session, "token_estimate", status))
    digest_add(&session->digest, &tokens, sizeof tokens);
}

static void infer(struct session *session) {
  static const char plain_request[] =
      "{\"max_tokens\":16,\"messages\":[{\"role\":\"user\",\"text\":\"What does the column first name hold?\"}],"
      "\"model\":\"sluice-conformance\",\"temperature\":0,\"version\":1}";
  struct text_slot slot;
  if (!plugin.ops.provider.infer)
    return;
  text_slot_begin(&slot);
  const char *request = task.infer_request ? task.infer_request : plain_request;
  sluice_str text = input_text(request, strlen(request));
  struct error_slot *error = call_begin(session, "infer");
  if (call_end(session, "infer", plugin.ops.provider.infer(session->instance, text, &slot.text, &error->error)))
    text_slot_end(&slot, "the text of infer", &session->digest);
}

int step_provider(struct session *session) {
  struct text_slot slot;
  switch (session->step++) {
  case 0:
    if (plugin.ops.provider.health && call_plain(session, "health", plugin.ops.provider.health, &slot))
      text_slot_end(&slot, "the text of health", NULL);
    return 1;
  case 1:
    estimate(session);
    return 1;
  case 2:
    embed(session);
    return 1;
  default:
    infer(session);
    return 0;
  }
}
