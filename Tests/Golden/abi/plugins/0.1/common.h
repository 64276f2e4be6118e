/* What the three plugins of this folder share: outputs, errors, the rules for arguments, and the plugin's table. */
#ifndef GOLDEN_COMMON_H
#define GOLDEN_COMMON_H

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sluice/sluice.h"

#define UNUSED __attribute__((unused))
#define STR(literal) {literal, sizeof(literal) - 1}

#define MOST_ORDINALS 100

struct sluice_instance {
  sluice_handle context;
  atomic_int cancelled;
  /* Of a check, since begin. */
  int begun;
  uint64_t rows, nulls, n_ordinals;
  int64_t ordinals[MOST_ORDINALS]; /* of the first rows with a null */
  char note[64]; /* "note" of the configuration */
};

static sluice_host services; /* what both sides know, the rest zero */

static int bad_str(sluice_str text) { return text.size > SLUICE_TEXT_MAX || (!text.data && text.size); }
static int bad_text(const sluice_text *out) { return !out || out->struct_size < SLUICE_TEXT_SIZE_V1; }

static sluice_status fail(sluice_error *error, sluice_status code, const char *message) {
  if (error && error->struct_size >= SLUICE_ERROR_SIZE_V1) {
    error->code = code;
    error->message.data = message;
    error->message.size = strlen(message);
    error->retryable = code == SLUICE_TRANSIENT_ERROR;
    error->retry_after_ms = 0;
    error->private_data = NULL;
    error->release = NULL; /* the message is static */
  }
  return code;
}

static sluice_status wrong(sluice_error *error) {
  return fail(error, SLUICE_DETERMINISTIC_FAILURE, "an argument is NULL, too short or too long");
}

static void release_text(sluice_text *self) {
  free(self->private_data);
  self->release = NULL;
}

UNUSED static sluice_status give(sluice_text *out, const char *text, size_t size, sluice_error *error) {
  char *copy = malloc(size + 1);
  if (!copy)
    return fail(error, SLUICE_TRANSIENT_ERROR, "there is no memory for the answer");
  memcpy(copy, text, size);
  out->data = copy;
  out->size = size;
  out->private_data = copy;
  out->release = release_text;
  return SLUICE_OK;
}

/* Where the value of `"key":` begins in a JSON text of the host's, which has no white space; NULL: it is not there. */
UNUSED static const char *value_of(sluice_str json, const char *key, const char **end) {
  size_t size = strlen(key);
  *end = json.data + json.size;
  for (uint64_t at = 0; at + size <= json.size; at++)
    if (memcmp(json.data + at, key, size) == 0)
      return json.data + at + size;
  return NULL;
}

UNUSED static int64_t number_of(sluice_str json, const char *key, int64_t otherwise) {
  const char *end, *at = value_of(json, key, &end);
  if (!at || at == end || *at < '0' || *at > '9')
    return otherwise;
  int64_t number = 0;
  for (; at < end && *at >= '0' && *at <= '9' && number < INT64_MAX / 10 - 1; at++)
    number = number * 10 + (*at - '0');
  return number;
}

static sluice_status create(sluice_str config_json, sluice_handle context, sluice_instance **out, sluice_error *error) {
  if (!out || bad_str(config_json))
    return wrong(error);
  sluice_instance *instance = calloc(1, sizeof *instance);
  if (!instance)
    return fail(error, SLUICE_TRANSIENT_ERROR, "there is no memory for an instance");
  instance->context = context;
  const char *end, *at = value_of(config_json, "\"note\":\"", &end);
  for (size_t i = 0; at && at + i < end && at[i] != '"' && i + 1 < sizeof instance->note; i++)
    instance->note[i] = at[i];
  *out = instance;
  return SLUICE_OK;
}

static void destroy(sluice_instance *instance) { free(instance); }

static void cancel(sluice_instance *instance) {
  if (instance)
    atomic_store(&instance->cancelled, 1);
}

UNUSED static void say(const sluice_instance *instance, const char *line) {
  sluice_str message = {line, strlen(line)};
  if (services.log)
    services.log(instance->context, SLUICE_LOG_INFO, message);
}

static const void *no_extension(sluice_str id) {
  (void)id;
  return NULL;
}

/* Copies the host's services; 0 when its ABI does not fit. */
static int take_services(const sluice_host_info *host) {
  if (!host || host->abi_major != SLUICE_ABI_MAJOR || host->struct_size < SLUICE_HOST_INFO_SIZE_V1 || !host->host ||
      host->host->struct_size < SLUICE_HOST_SIZE_V1)
    return 0;
  size_t size = host->host->struct_size < sizeof services ? host->host->struct_size : sizeof services;
  memcpy(&services, host->host, size);
  return 1;
}

#define GOLDEN_PLUGIN(kind_value, id_literal, summary, ops_value)                                                      \
  static sluice_status describe(sluice_text *out, sluice_error *error) {                                               \
    static const char text[] = "{\"summary\":\"" summary "\"}";                                                        \
    return bad_text(out) ? wrong(error) : give(out, text, sizeof text - 1, error);                                     \
  }                                                                                                                    \
  static const sluice_plugin plugin = {                                                                                \
      sizeof plugin, SLUICE_ABI_MAJOR, SLUICE_ABI_MINOR, kind_value, STR(id_literal), STR("0.1.0"),                    \
      describe,      create,           destroy,          cancel,     &ops_value,      no_extension,                    \
  };                                                                                                                   \
  const sluice_plugin *sluice_plugin_entry(const sluice_host_info *host) {                                             \
    return take_services(host) ? &plugin : NULL;                                                                       \
  }

#endif
