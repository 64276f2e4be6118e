/* The provider @ID@: what the host calls. What it computes is in ngrams.c. */
#include <stdlib.h>
#include <string.h>

#include "ngrams.h"
#include "sluice_kit.h"

#define TEXTS_MAX 10000 /* provider.h */

struct sluice_instance {
  sluice_handle context;
};

static sluice_host host;

static sluice_status answer(const char *json, sluice_text *out, sluice_error *error) {
  return sluice_kit_text_copy(out, json, strlen(json), error);
}

static sluice_status describe(sluice_text *out, sluice_error *error) {
  return answer("{\"summary\":\"Embeds texts by their letters, on this machine.\"}", out, error);
}

static sluice_status create(sluice_str config, sluice_handle context, sluice_instance **out, sluice_error *error) {
  (void)config;
  sluice_instance *self = calloc(1, sizeof *self);
  if (!self) return sluice_kit_fail_memory(error);
  self->context = context;
  *out = self;
  return SLUICE_OK;
}

static void destroy(sluice_instance *self) { free(self); }

/* Nothing to do: embed asks the host's `cancelled` between its texts. */
static void cancel(sluice_instance *self) { (void)self; }

static sluice_status only_model(sluice_str model, sluice_error *error) {
  if (model.size == 0 || sluice_kit_str_equal(model, sluice_kit_str(NGRAMS_MODEL))) return SLUICE_OK;
  return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "There is one model, %s: ask for that or none.", NGRAMS_MODEL);
}

static void release_floats(sluice_floats *self) {
  free(self->private_data);
  self->private_data = NULL;
  self->data = NULL;
  self->rows = 0;
  self->release = NULL;
}

static sluice_status embed_all(sluice_instance *self, const sluice_kit_value *texts, sluice_floats *out, sluice_error *error) {
  float *vectors = malloc((texts->count ? texts->count : 1) * NGRAMS_DIMENSIONS * sizeof *vectors), *next = vectors;
  if (!vectors) return sluice_kit_fail_memory(error);
  sluice_status status = SLUICE_OK;
  for (const sluice_kit_value *text = texts->first; text && status == SLUICE_OK; text = text->next) {
    if (text->type != SLUICE_KIT_STRING) {
      status = sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "/texts holds more than strings.");
    } else if (sluice_kit_cancelled(&host, self->context)) {
      status = sluice_kit_fail(error, SLUICE_TIMEOUT, "The call was cancelled.");
    } else {
      ngrams_embed(text->text, next);
      next += NGRAMS_DIMENSIONS;
    }
  }
  if (status != SLUICE_OK) {
    free(vectors);
    return status;
  }
  out->dimensions = NGRAMS_DIMENSIONS;
  out->rows = texts->count;
  out->data = vectors;
  out->private_data = vectors;
  out->release = release_floats;
  return SLUICE_OK;
}

static sluice_status embed(sluice_instance *self, sluice_str request, sluice_floats *out, sluice_error *error) {
  sluice_kit_json *json = NULL;
  sluice_status status = sluice_kit_json_parse(request, &json, error);
  if (status != SLUICE_OK) return status;
  const sluice_kit_value *model = sluice_kit_json_get(sluice_kit_json_root(json), "model");
  const sluice_kit_value *texts = sluice_kit_json_get(sluice_kit_json_root(json), "texts");
  if (!texts || texts->type != SLUICE_KIT_ARRAY || texts->count > TEXTS_MAX) {
    status = sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                             "The request needs /texts, an array of at most 10,000 strings.");
  }
  if (status == SLUICE_OK && model && model->type == SLUICE_KIT_STRING) status = only_model(model->text, error);
  if (status == SLUICE_OK) status = embed_all(self, texts, out, error);
  sluice_kit_json_free(json);
  return status;
}

static sluice_status token_estimate(sluice_instance *self, sluice_str model, sluice_str text, uint64_t *tokens,
                                    sluice_error *error) {
  (void)self;
  sluice_status status = only_model(model, error);
  if (status == SLUICE_OK) *tokens = ngrams_tokens(text);
  return status;
}

static sluice_status health(sluice_instance *self, sluice_text *out, sluice_error *error) {
  (void)self;
  return answer("{\"healthy\":true,\"models\":[{\"id\":\"" NGRAMS_MODEL "\",\"dimensions\":256}]}", out, error);
}

SLUICE_KIT_EMBED(plugin, embed)
SLUICE_KIT_TOKEN_ESTIMATE(plugin, token_estimate)
SLUICE_KIT_PROVIDER(plugin, "@ID@", "0.1.0", describe, create, destroy, cancel, NULL, plugin_embed_, plugin_token_estimate_,
                    health);
SLUICE_KIT_ENTRY(plugin, host)
