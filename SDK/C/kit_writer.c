/* A growing buffer that writes JSON. */
#include "sluice_kit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sluice_kit_append(sluice_kit_writer *writer, const void *data, uint64_t size) {
  if (writer->failed || size == 0) return;
  if (size > UINT64_MAX / 4 || writer->size > UINT64_MAX / 4) {
    writer->failed = 1;
    return;
  }
  uint64_t need = writer->size + size;
  if (need > writer->capacity) {
    uint64_t capacity = writer->capacity ? writer->capacity : 256;
    while (capacity < need) capacity += capacity / 2;
    char *grown = realloc(writer->data, capacity);
    if (!grown) {
      writer->failed = 1;
      return;
    }
    writer->data = grown;
    writer->capacity = capacity;
  }
  memcpy(writer->data + writer->size, data, size);
  writer->size = need;
}

void sluice_kit_writer_free(sluice_kit_writer *writer) {
  free(writer->data);
  memset(writer, 0, sizeof *writer);
}

static void separate(sluice_kit_writer *writer) {
  if (writer->comma) sluice_kit_append(writer, ",", 1);
  writer->comma = 1;
}

static void open_with(sluice_kit_writer *writer, const char *bracket) {
  separate(writer);
  sluice_kit_append(writer, bracket, 1);
  writer->comma = 0;
}

static void close_with(sluice_kit_writer *writer, const char *bracket) {
  sluice_kit_append(writer, bracket, 1);
  writer->comma = 1;
}

void sluice_kit_begin_object(sluice_kit_writer *writer) { open_with(writer, "{"); }
void sluice_kit_end_object(sluice_kit_writer *writer) { close_with(writer, "}"); }
void sluice_kit_begin_array(sluice_kit_writer *writer) { open_with(writer, "["); }
void sluice_kit_end_array(sluice_kit_writer *writer) { close_with(writer, "]"); }

static void quoted(sluice_kit_writer *writer, sluice_str value) {
  sluice_kit_append(writer, "\"", 1);
  uint64_t at = 0;
  while (at < value.size) {
    uint64_t good = sluice_kit_utf8_prefix(value.data + at, value.size - at);
    uint64_t end = at + good;
    uint64_t from = at;
    for (; at < end; at++) {
      unsigned char c = (unsigned char)value.data[at];
      if (c >= 0x20 && c != '"' && c != '\\') continue;
      sluice_kit_append(writer, value.data + from, at - from);
      from = at + 1;
      char escape[8];
      const char *found = strchr("\"\"\\\\\bb\ff\nn\rr\tt", c);
      if (c != 0 && found) {
        snprintf(escape, sizeof escape, "\\%c", c == '"' || c == '\\' ? c : found[1]);
      } else {
        snprintf(escape, sizeof escape, "\\u%04x", c);
      }
      sluice_kit_append(writer, escape, strlen(escape));
    }
    sluice_kit_append(writer, value.data + from, end - from);
    if (at < value.size) {
      sluice_kit_append(writer, "\xEF\xBF\xBD", 3);
      at++;
    }
  }
  sluice_kit_append(writer, "\"", 1);
}

void sluice_kit_key(sluice_kit_writer *writer, const char *key) {
  separate(writer);
  quoted(writer, sluice_kit_str(key));
  sluice_kit_append(writer, ":", 1);
  writer->comma = 0;
}

void sluice_kit_string(sluice_kit_writer *writer, sluice_str value) {
  separate(writer);
  quoted(writer, value);
}

void sluice_kit_cstring(sluice_kit_writer *writer, const char *value) {
  sluice_kit_string(writer, sluice_kit_str(value));
}

static void literal(sluice_kit_writer *writer, const char *text) {
  separate(writer);
  sluice_kit_append(writer, text, strlen(text));
}

void sluice_kit_integer(sluice_kit_writer *writer, int64_t value) {
  char digits[24];
  snprintf(digits, sizeof digits, "%lld", (long long)value);
  literal(writer, digits);
}

int sluice_kit_format_double(double value, char *out) {
  int length = 0;
  for (int precision = 15; precision <= 17; precision++) {
    length = snprintf(out, 32, "%.*g", precision, value);
    if (isnan(value) || strtod(out, NULL) == value) break;
  }
  /* A process that has set a locale with a decimal comma must not change what is written. */
  char *comma = strchr(out, ',');
  if (comma) *comma = '.';
  return length;
}

void sluice_kit_number(sluice_kit_writer *writer, double value) {
  if (!isfinite(value)) {
    sluice_kit_null(writer);
    return;
  }
  char digits[32];
  sluice_kit_format_double(value, digits);
  literal(writer, digits);
}

void sluice_kit_bool(sluice_kit_writer *writer, int value) { literal(writer, value ? "true" : "false"); }
void sluice_kit_null(sluice_kit_writer *writer) { literal(writer, "null"); }
