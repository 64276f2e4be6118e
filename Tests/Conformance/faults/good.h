/* What the good plugins of the conformance suite's own tests share. Each is faultless as it is; compiled with
 * -DFAULT_NAME it has one fault, which one check of the suite must find and no other (../faults.json). */
#ifndef GOOD_H
#define GOOD_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sluice/sluice.h"

#define GOOD_STR(literal) {literal, sizeof(literal) - 1}
#define GOOD_UNUSED __attribute__((unused))

/* A text that grows. */
struct text {
  char *data;
  size_t size, room;
};

/* 0 when there is no memory. */
GOOD_UNUSED static int text_room(struct text *text, size_t more) {
  if (text->size + more <= text->room)
    return 1;
  size_t room = text->room * 2 > text->size + more ? text->room * 2 : text->size + more + 256;
  char *data = realloc(text->data, room);
  if (!data)
    return 0;
  text->data = data;
  text->room = room;
  return 1;
}

GOOD_UNUSED static int text_bytes(struct text *text, const void *bytes, size_t size) {
  if (!text_room(text, size + 1))
    return 0;
  if (size)
    memcpy(text->data + text->size, bytes, size);
  text->size += size;
  text->data[text->size] = '\0';
  return 1;
}

GOOD_UNUSED __attribute__((format(printf, 2, 3))) static int text_print(struct text *text, const char *format, ...) {
  char line[512];
  va_list arguments;
  va_start(arguments, format);
  int size = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  return size >= 0 && (size_t)size < sizeof line && text_bytes(text, line, (size_t)size);
}

GOOD_UNUSED static void good_release_text(sluice_text *self) {
  free(self->private_data);
  self->private_data = NULL;
  self->data = NULL;
  self->size = 0;
  self->release = NULL;
}

/* Hands a text over: it belongs to `out` afterwards. */
GOOD_UNUSED static sluice_status good_give(sluice_text *out, struct text *text) {
  out->struct_size = sizeof *out;
  out->data = text->data;
  out->size = text->size;
  out->private_data = text->data;
  out->release = good_release_text;
  memset(text, 0, sizeof *text);
  return SLUICE_OK;
}

GOOD_UNUSED static sluice_status good_text(sluice_text *out, const char *literal) {
  struct text text = {0};
  if (!text_bytes(&text, literal, strlen(literal)))
    return SLUICE_QUOTA_EXHAUSTED;
  return good_give(out, &text);
}

/* Fails with a static message. */
GOOD_UNUSED static sluice_status good_fail(sluice_error *error, sluice_status code, const char *message) {
  error->code = code;
  error->message.data = message;
  error->message.size = strlen(message);
  error->retryable = code == SLUICE_TIMEOUT || code == SLUICE_TRANSIENT_ERROR || code == SLUICE_RATE_LIMIT;
  return code;
}

GOOD_UNUSED static sluice_status good_no_memory(sluice_error *error) {
  return good_fail(error, SLUICE_QUOTA_EXHAUSTED, "out of memory");
}

GOOD_UNUSED static int str_equal(sluice_str a, const char *b) {
  return a.size == strlen(b) && (a.size == 0 || memcmp(a.data, b, a.size) == 0);
}

/* Where `"key":` is followed by its value in JSON that the host made, which is canonical and without blanks; NULL where
 * it is not. No value of such a request holds the key's text. */
GOOD_UNUSED static const char *json_value(sluice_str json, const char *key) {
  size_t size = strlen(key);
  for (uint64_t at = 0; at + size + 3 < json.size; at++)
    if (json.data[at] == '"' && memcmp(json.data + at + 1, key, size) == 0 && json.data[at + size + 1] == '"' &&
        json.data[at + size + 2] == ':')
      return json.data + at + size + 3;
  return NULL;
}

#endif
