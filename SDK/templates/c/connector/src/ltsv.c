#include "ltsv.h"

#include <stdlib.h>
#include <string.h>

static int fill(ltsv_reader *self) {
  if (self->start > 0) {
    memmove(self->buffer, self->buffer + self->start, self->end - self->start);
    self->offset += self->start;
    self->end -= self->start;
    self->start = 0;
  }
  if (self->capacity - self->end < LTSV_BLOCK) {
    char *grown = realloc(self->buffer, self->end + LTSV_BLOCK);
    if (!grown) return LTSV_MEMORY;
    self->buffer = grown;
    self->capacity = self->end + LTSV_BLOCK;
  }
  uint64_t got = 0;
  if (self->read(self->context, self->offset + self->end, self->buffer + self->end, LTSV_BLOCK, &got)) return LTSV_FAILED;
  if (got == 0) self->at_end = 1;
  self->end += got;
  return LTSV_LINE;
}

int ltsv_next(ltsv_reader *self, ltsv_line *line) {
  for (;;) {
    uint64_t searched = self->start, dropped = 0, began = self->offset + self->start;
    char *feed;
    /* The end of the line, reading on as long as it is not there. Of a line that is too long only the end is sought. */
    while (!(feed = self->end > searched ? memchr(self->buffer + searched, '\n', self->end - searched) : NULL) &&
           !self->at_end) {
      searched = self->end - self->start;
      if (searched + dropped > LTSV_LINE_MAX) {
        dropped += searched;
        self->start = self->end;
        searched = 0;
      }
      int outcome = fill(self);
      if (outcome != LTSV_LINE) return outcome;
    }
    uint64_t stop = feed ? (uint64_t)(feed - self->buffer) : self->end;
    if (!feed && stop == self->start && dropped == 0) return LTSV_END;
    line->number = ++self->number;
    line->offset = began;
    line->text.data = self->buffer + self->start;
    line->text.size = stop - self->start;
    line->too_long = dropped + line->text.size > LTSV_LINE_MAX;
    if (line->too_long) line->text.size = 0;
    self->start = feed ? stop + 1 : stop;
    if (line->text.size > 0 && line->text.data[line->text.size - 1] == '\r') line->text.size--;
    if (line->text.size > 0 || line->too_long) return LTSV_LINE;
  }
}

void ltsv_close(ltsv_reader *self) {
  free(self->buffer);
  memset(self, 0, sizeof *self);
}

/* Take the next field off `rest`: 1, 0 at the end, or -1 for one without a label. */
static int next_field(sluice_str *rest, sluice_str *label, sluice_str *value) {
  if (!rest->data) return 0;
  const char *tab = memchr(rest->data, '\t', rest->size);
  uint64_t size = tab ? (uint64_t)(tab - rest->data) : rest->size;
  const char *colon = size ? memchr(rest->data, ':', size) : NULL;
  if (!colon || colon == rest->data) return -1;
  label->data = rest->data;
  label->size = (uint64_t)(colon - rest->data);
  value->data = colon + 1;
  value->size = size - label->size - 1;
  rest->data = tab ? tab + 1 : NULL;
  rest->size -= tab ? size + 1 : size;
  return 1;
}

static int64_t column_named(const ltsv_columns *columns, sluice_str label, int64_t likely) {
  if (likely < columns->n && sluice_kit_str_equal(sluice_kit_str(columns->names[likely]), label)) return likely;
  for (int64_t i = 0; i < columns->n; i++) {
    if (sluice_kit_str_equal(sluice_kit_str(columns->names[i]), label)) return i;
  }
  return -1;
}

const char *ltsv_columns_of(const ltsv_line *line, ltsv_columns *out) {
  static const char *const taken[] = {SLUICE_COLUMN_LINE, SLUICE_COLUMN_BYTE_OFFSET, SLUICE_COLUMN_REJECT};
  memset(out, 0, sizeof *out);
  if (line->too_long) return "its first record is longer than 1 MiB";
  if (sluice_kit_utf8_prefix(line->text.data, line->text.size) < line->text.size) return "its first record is not UTF-8";
  out->names = calloc(LTSV_COLUMNS_MAX, sizeof *out->names);
  if (!out->names) return "there is no memory for its columns";
  sluice_str rest = line->text, label, value;
  int more;
  while ((more = next_field(&rest, &label, &value)) > 0) {
    if (out->n == LTSV_COLUMNS_MAX) return "its first record has more than 4,096 fields";
    for (uint64_t i = 0; i < label.size; i++) {
      if ((unsigned char)label.data[i] < ' ') return "a label of its first record has a control character";
    }
    if (column_named(out, label, out->n) >= 0) return "its first record has a label twice";
    for (int i = 0; i < 3; i++) {
      if (sluice_kit_str_equal(label, sluice_kit_str(taken[i]))) return "a label is a reserved name (sluice.line, sluice.byte_offset, sluice.reject)";
    }
    char *name = malloc(label.size + 1);
    if (!name) return "there is no memory for its columns";
    memcpy(name, label.data, label.size);
    name[label.size] = 0;
    out->names[out->n++] = name;
  }
  return more < 0 ? "a field of its first record is not label:value" : NULL;
}

void ltsv_columns_free(ltsv_columns *columns) {
  for (int64_t i = 0; i < columns->n; i++) free(columns->names[i]);
  free(columns->names);
  memset(columns, 0, sizeof *columns);
}

const char *ltsv_parse(const ltsv_line *line, const ltsv_columns *columns, sluice_str *values) {
  for (int64_t i = 0; i < columns->n; i++) values[i] = (sluice_str){NULL, 0};
  if (line->too_long) return "CELL_TOO_LARGE";
  if (sluice_kit_utf8_prefix(line->text.data, line->text.size) < line->text.size) return "INVALID_ENCODING";
  sluice_str rest = line->text, label, value;
  int more;
  int64_t likely = 0;
  while ((more = next_field(&rest, &label, &value)) > 0) {
    int64_t at = column_named(columns, label, likely);
    if (at < 0 || values[at].data) return "RAGGED_ROW";
    values[at] = value;
    likely = at + 1;
  }
  return more < 0 ? "RAGGED_ROW" : NULL;
}
