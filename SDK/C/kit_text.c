/* Results, errors, and the handshake with the host. */
#include "sluice_kit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX 2048

sluice_str sluice_kit_str(const char *text) {
  sluice_str str = {text, text ? strlen(text) : 0};
  return str;
}

int sluice_kit_str_equal(sluice_str a, sluice_str b) {
  return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* The length of the well-formed sequence at `p`, or 0. Bounds of the second byte as in Unicode table 3-7. */
static unsigned sequence(const unsigned char *p, uint64_t left) {
  unsigned char lead = p[0];
  unsigned need;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) {
    need = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    need = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    need = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return 0;
  }
  if (left < need || p[1] < low || p[1] > high) return 0;
  for (unsigned i = 2; i < need; i++) {
    if ((p[i] & 0xC0) != 0x80) return 0;
  }
  return need;
}

uint64_t sluice_kit_utf8_prefix(const char *data, uint64_t size) {
  const unsigned char *p = (const unsigned char *)data;
  uint64_t at = 0;
  while (at < size) {
    uint64_t word;
    if (size - at >= sizeof word) {
      memcpy(&word, p + at, sizeof word);
      if ((word & 0x8080808080808080u) == 0) {
        at += sizeof word;
        continue;
      }
    }
    unsigned length = sequence(p + at, size - at);
    if (length == 0) break;
    at += length;
  }
  return at;
}

static void release_text(sluice_text *self) {
  free(self->private_data);
  self->private_data = NULL;
  self->data = NULL;
  self->size = 0;
  self->release = NULL;
}

sluice_status sluice_kit_text_copy(sluice_text *out, const char *data, uint64_t size, sluice_error *error) {
  if (!out || out->struct_size < SLUICE_TEXT_SIZE_V1 || (!data && size > 0)) {
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "A result has no place to go: pass a sluice_text.");
  }
  char *copy = malloc(size ? size : 1);
  if (!copy) return sluice_kit_fail_memory(error);
  if (size) memcpy(copy, data, size);
  out->reserved = 0;
  out->data = copy;
  out->size = size;
  out->private_data = copy;
  out->release = release_text;
  return SLUICE_OK;
}

sluice_status sluice_kit_writer_finish(sluice_kit_writer *writer, sluice_text *out, sluice_error *error) {
  if (writer->failed || !out || out->struct_size < SLUICE_TEXT_SIZE_V1) {
    int failed = writer->failed;
    sluice_kit_writer_free(writer);
    if (failed) return sluice_kit_fail_memory(error);
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "A result has no place to go: pass a sluice_text.");
  }
  if (!writer->data) return sluice_kit_text_copy(out, "", 0, error);
  out->reserved = 0;
  out->data = writer->data;
  out->size = writer->size;
  out->private_data = writer->data;
  out->release = release_text;
  memset(writer, 0, sizeof *writer);
  return SLUICE_OK;
}

static void release_error(sluice_error *self) {
  free(self->private_data);
  self->private_data = NULL;
  self->message.data = NULL;
  self->message.size = 0;
  self->release = NULL;
}

sluice_status sluice_kit_fail(sluice_error *error, sluice_status code, const char *format, ...) {
  if (!error || error->struct_size < SLUICE_ERROR_SIZE_V1) return code;
  /* The new message may be made of the old one, which is freed behind it. */
  char *message = malloc(MESSAGE_MAX + 1);
  int written = 0;
  if (message) {
    va_list arguments;
    va_start(arguments, format);
    written = vsnprintf(message, MESSAGE_MAX + 1, format, arguments);
    va_end(arguments);
  }
  sluice_kit_error_clear(error);
  error->code = code;
  error->retryable = code == SLUICE_RATE_LIMIT || code == SLUICE_TIMEOUT || code == SLUICE_TRANSIENT_ERROR ||
                     code == SLUICE_PROVIDER_UNHEALTHY;
  error->reserved = 0;
  error->retry_after_ms = 0;
  error->message.data = NULL;
  error->message.size = 0;
  error->private_data = NULL;
  error->release = NULL;
  if (!message) return code;
  uint64_t size = written < 0 ? 0 : written > MESSAGE_MAX ? MESSAGE_MAX : (uint64_t)written;
  error->message.data = message;
  error->message.size = sluice_kit_utf8_prefix(message, size);
  error->private_data = message;
  error->release = release_error;
  return code;
}

sluice_status sluice_kit_fail_memory(sluice_error *error) {
  return sluice_kit_fail(error, SLUICE_QUOTA_EXHAUSTED,
                         "The plugin ran out of memory: grant it more (limits.memory_bytes) or give it less at once.");
}

void sluice_kit_error_clear(sluice_error *error) {
  if (error && error->release) error->release(error);
}

/* Of minor versions either may be the later one: an older host's table lacks the members that were added since, which are
 * then NULL here. */
int sluice_kit_accept(const sluice_host_info *info, sluice_host *out) {
  if (!info || info->struct_size < SLUICE_HOST_INFO_SIZE_V1) return 0;
  if (info->abi_major != SLUICE_ABI_MAJOR) return 0;
  if (!info->host || info->host->struct_size < SLUICE_HOST_SIZE_V1) return 0;
  size_t size = info->host->struct_size < sizeof *out ? info->host->struct_size : sizeof *out;
  memset(out, 0, sizeof *out);
  memcpy(out, info->host, size);
  out->struct_size = sizeof *out;
  return 1;
}
