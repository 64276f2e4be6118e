/* What every fixture plugin would otherwise repeat: static answers, the calls of a check, the table, the entry. */
#ifndef SLUICE_FIXTURE_H
#define SLUICE_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sluice/sluice.h"

#define FIXTURE_STR(literal) {literal, sizeof(literal) - 1}
#define FIXTURE_UNUSED __attribute__((unused))

FIXTURE_UNUSED static void fixture_release_text(sluice_text *self) {
  free(self->private_data);
  self->release = NULL;
}

/* An owned copy of `text`. */
FIXTURE_UNUSED static sluice_status fixture_text(sluice_text *out, const char *text) {
  size_t size = strlen(text);
  char *copy = malloc(size + 1);
  if (!copy)
    return SLUICE_TRANSIENT_ERROR;
  memcpy(copy, text, size + 1);
  out->data = copy;
  out->size = size;
  out->private_data = copy;
  out->release = fixture_release_text;
  return SLUICE_OK;
}

FIXTURE_UNUSED static sluice_status fixture_fail(sluice_error *error, sluice_status code, const char *message) {
  error->code = code;
  error->message.data = message;
  error->message.size = strlen(message);
  return code;
}

struct sluice_instance {
  sluice_handle context;
  uint64_t rows;
};

FIXTURE_UNUSED static sluice_status fixture_create(sluice_str config, sluice_handle context, sluice_instance **out,
                                                   sluice_error *error) {
  (void)config;
  sluice_instance *instance = calloc(1, sizeof *instance);
  if (!instance)
    return fixture_fail(error, SLUICE_TRANSIENT_ERROR, "out of memory");
  instance->context = context;
  *out = instance;
  return SLUICE_OK;
}

FIXTURE_UNUSED static void fixture_destroy(sluice_instance *instance) { free(instance); }
FIXTURE_UNUSED static void fixture_cancel(sluice_instance *instance) { (void)instance; }

FIXTURE_UNUSED static sluice_status fixture_begin(sluice_instance *instance, const struct ArrowSchema *schema,
                                                  sluice_str params, sluice_error *error) {
  (void)schema, (void)params, (void)error;
  instance->rows = 0;
  return SLUICE_OK;
}

/* The calls of a check that counts rows and finds nothing. */

FIXTURE_UNUSED static sluice_status fixture_declare(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance, (void)error;
  return fixture_text(out, "{\"companions\":[],\"reason_codes\":[],\"metrics\":[\"rows\"]}");
}

FIXTURE_UNUSED static sluice_status fixture_update(sluice_instance *instance, struct ArrowArray *batch,
                                                   sluice_error *error) {
  (void)error;
  instance->rows += (uint64_t)batch->length;
  batch->release(batch);
  return SLUICE_OK;
}

FIXTURE_UNUSED static sluice_status fixture_merge(sluice_instance *instance, sluice_bytes state, sluice_error *error) {
  (void)instance, (void)state;
  return fixture_fail(error, SLUICE_DETERMINISTIC_FAILURE, "this fixture keeps no state");
}

FIXTURE_UNUSED static sluice_status fixture_finish(sluice_instance *instance, int32_t mode, sluice_text *out,
                                                   sluice_error *error) {
  char text[64];
  (void)mode, (void)error;
  snprintf(text, sizeof text, "{\"rows\":%llu,\"findings\":[]}", (unsigned long long)instance->rows);
  return fixture_text(out, text);
}

/* A fixture that stands in for an installed plugin is compiled with that plugin's id and version. */
#if defined(FIXTURE_ID) && !defined(FIXTURE_KEEPS_ITS_ID)
#define FIXTURE_NAME(literal) FIXTURE_STR(FIXTURE_ID)
#else
#define FIXTURE_NAME(literal) FIXTURE_STR(literal)
#endif
#ifndef FIXTURE_VERSION
#define FIXTURE_VERSION "1.0.0"
#endif

#ifndef FIXTURE_ABI_MINOR
#define FIXTURE_ABI_MINOR SLUICE_ABI_MINOR
#endif

#define FIXTURE_PLUGIN(kind_value, id_literal, describe_function, ops_value)                                           \
  static const sluice_plugin fixture_plugin = {                                                                        \
      sizeof(sluice_plugin),                                                                                           \
      SLUICE_ABI_MAJOR,                                                                                                \
      FIXTURE_ABI_MINOR,                                                                                               \
      kind_value,                                                                                                      \
      FIXTURE_NAME(id_literal),                                                                                        \
      FIXTURE_STR(FIXTURE_VERSION),                                                                                    \
      describe_function,                                                                                               \
      fixture_create,                                                                                                  \
      fixture_destroy,                                                                                                 \
      fixture_cancel,                                                                                                  \
      &ops_value,                                                                                                      \
      NULL,                                                                                                            \
  }

/* The entry of a fixture that asks nothing of its host; without a semicolon behind it. */
#define FIXTURE_ENTRY                                                                                                  \
  const sluice_plugin *sluice_plugin_entry(const sluice_host_info *host) {                                             \
    return host->abi_major == SLUICE_ABI_MAJOR ? &fixture_plugin : NULL;                                               \
  }

#endif
