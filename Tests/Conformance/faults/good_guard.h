/* The rules for arguments (docs/abi.md), in front of the functions of a good plugin: what cannot be used is refused before
 * the function sees it, outputs are filled when all went well, and an error goes where there is room for one.
 *
 * Included behind those functions, with GOOD_KIND 1, 2 or 3 for a provider, a connector and a check. */
#ifndef GOOD_GUARD_H
#define GOOD_GUARD_H

#include "good.h"

/* Says why, if there is room, and lets go of `own`. */
static sluice_status guard_end(sluice_status status, sluice_error *error, sluice_error *own) {
  if (status != SLUICE_OK && error && error->struct_size >= SLUICE_ERROR_SIZE_V1) {
    uint32_t size = error->struct_size;
    *error = *own;
    error->struct_size = size;
    return status;
  }
  if (own->release)
    own->release(own);
  return status;
}

static int guard_str(sluice_str text) { return (text.data || !text.size) && text.size <= SLUICE_TEXT_MAX; }
static int guard_text(const sluice_text *out) { return out && out->struct_size >= SLUICE_TEXT_SIZE_V1; }

static void guard_give(sluice_text *out, const sluice_text *own) {
  uint32_t size = out->struct_size;
  *out = *own;
  out->struct_size = size;
}

#define GUARD(condition)                                                                                               \
  sluice_error own = {.struct_size = sizeof own};                                                                      \
  if (!(condition))                                                                                                    \
  return guard_end(good_fail(&own, SLUICE_DETERMINISTIC_FAILURE, "an argument cannot be used"), error, &own)
#define GUARD_END(status) return guard_end((status), error, &own)
#define OWN_TEXT(name) sluice_text name = {.struct_size = sizeof name}

static sluice_status guarded_describe(sluice_text *out, sluice_error *error) {
  GUARD(guard_text(out));
  OWN_TEXT(text);
  sluice_status status = describe(&text, &own);
  if (status == SLUICE_OK)
    guard_give(out, &text);
  GUARD_END(status);
}

static sluice_status guarded_create(sluice_str config, sluice_handle context, sluice_instance **out,
                                    sluice_error *error) {
  GUARD(guard_str(config) && out);
  GUARD_END(create(config, context, out, &own));
}

static void guarded_destroy(sluice_instance *instance) {
  if (instance)
    destroy(instance);
}

/* Calls that give one text. */
#define GUARDED_TEXT(condition, call)                                                                                  \
  GUARD((condition) && instance && guard_text(out));                                                                   \
  OWN_TEXT(text);                                                                                                      \
  sluice_status status = (call);                                                                                       \
  if (status == SLUICE_OK)                                                                                             \
    guard_give(out, &text);                                                                                            \
  GUARD_END(status)

#if GOOD_KIND == 3
static sluice_status guarded_declare(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  GUARDED_TEXT(1, declare(instance, &text, &own));
}

static sluice_status guarded_begin(sluice_instance *instance, const struct ArrowSchema *schema, sluice_str params,
                                   sluice_error *error) {
  GUARD(instance && schema && schema->release && guard_str(params));
  GUARD_END(begin(instance, schema, params, &own));
}

static sluice_status guarded_update(sluice_instance *instance, struct ArrowArray *batch, sluice_error *error) {
  GUARD(instance && batch && batch->release);
  GUARD_END(update(instance, batch, &own));
}

static sluice_status guarded_merge(sluice_instance *instance, sluice_bytes state, sluice_error *error) {
  GUARD(instance && (state.data || !state.size) && state.size <= SLUICE_TEXT_MAX);
  GUARD_END(merge(instance, state, &own));
}

static sluice_status guarded_finish(sluice_instance *instance, int32_t mode, sluice_text *out, sluice_error *error) {
  GUARDED_TEXT(mode == SLUICE_FINISH_VERDICT || mode == SLUICE_FINISH_STATE, finish(instance, mode, &text, &own));
}

static const sluice_check_ops ops = {
    sizeof ops, 0, guarded_declare, guarded_begin, guarded_update, guarded_merge, guarded_finish};
#endif

#if GOOD_KIND == 2
static sluice_status guarded_inventory(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  GUARDED_TEXT(1, inventory(instance, &text, &own));
}

static sluice_status guarded_schema(sluice_instance *instance, sluice_str table, struct ArrowSchema *out,
                                    sluice_text *details, sluice_error *error) {
  GUARD(instance && guard_str(table) && out && guard_text(details));
  struct ArrowSchema schema_made;
  OWN_TEXT(text);
  memset(&schema_made, 0, sizeof schema_made);
  sluice_status status = schema(instance, table, &schema_made, &text, &own);
  if (status == SLUICE_OK) {
    *out = schema_made;
    guard_give(details, &text);
  }
  GUARD_END(status);
}

static sluice_status guarded_split(sluice_instance *instance, sluice_str table, uint32_t parts, sluice_text *out,
                                   sluice_error *error) {
  GUARDED_TEXT(guard_str(table), split(instance, table, parts, &text, &own));
}

static sluice_status guarded_scan(sluice_instance *instance, sluice_str request, struct ArrowArrayStream *out,
                                  sluice_error *error) {
  GUARD(instance && guard_str(request) && out);
  struct ArrowArrayStream stream;
  memset(&stream, 0, sizeof stream);
  sluice_status status = scan(instance, request, &stream, &own);
  if (status == SLUICE_OK)
    *out = stream;
  GUARD_END(status);
}

static const sluice_connector_ops ops = {
    sizeof ops, 0, guarded_inventory, guarded_schema, guarded_split, guarded_scan};
#endif

#if GOOD_KIND == 1
static sluice_status guarded_embed(sluice_instance *instance, sluice_str request, sluice_floats *out,
                                   sluice_error *error) {
  GUARD(instance && guard_str(request) && out && out->struct_size >= SLUICE_FLOATS_SIZE_V1);
  sluice_floats floats = {.struct_size = sizeof floats};
  sluice_status status = embed(instance, request, &floats, &own);
  if (status == SLUICE_OK) {
    floats.struct_size = out->struct_size;
    *out = floats;
  }
  GUARD_END(status);
}

static sluice_status guarded_token_estimate(sluice_instance *instance, sluice_str model, sluice_str text,
                                            uint64_t *tokens, sluice_error *error) {
  GUARD(instance && guard_str(model) && guard_str(text) && tokens);
  GUARD_END(token_estimate(instance, model, text, tokens, &own));
}

static sluice_status guarded_health(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  GUARDED_TEXT(1, health(instance, &text, &own));
}

static sluice_status guarded_infer(sluice_instance *instance, sluice_str request, sluice_text *out,
                                   sluice_error *error) {
  GUARDED_TEXT(guard_str(request), infer(instance, request, &text, &own));
}

static const sluice_provider_ops ops = {
    sizeof ops, 0, guarded_infer, guarded_embed, guarded_token_estimate, guarded_health, NULL, NULL};
#endif

static const sluice_plugin plugin = {
    sizeof plugin,     SLUICE_ABI_MAJOR, SLUICE_ABI_MINOR, GOOD_KIND,       GOOD_STR(GOOD_ID),
    GOOD_STR("1.0.0"), guarded_describe, guarded_create,   guarded_destroy, cancel,
    &ops,              NULL,
};

const sluice_plugin *sluice_plugin_entry(const sluice_host_info *info) {
  if (!info || info->struct_size < SLUICE_HOST_INFO_SIZE_V1 || info->abi_major != SLUICE_ABI_MAJOR || !info->host ||
      info->host->struct_size < SLUICE_HOST_SIZE_V1)
    return NULL;
  services = info->host;
  (void)services;
  return &plugin;
}

#endif
