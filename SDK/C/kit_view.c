/* Reading Arrow batches: shapes are checked once a column, rows at every access. */
#include "sluice_kit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int64_t sluice_kit_schema_find(const struct ArrowSchema *schema, sluice_str name) {
  if (!schema || !schema->children) return -1;
  for (int64_t i = 0; i < schema->n_children; i++) {
    const struct ArrowSchema *child = schema->children[i];
    if (child && child->name && sluice_kit_str_equal(sluice_kit_str(child->name), name)) return i;
  }
  return -1;
}

int sluice_kit_view_column(sluice_kit_view *out, const struct ArrowSchema *schema, const struct ArrowArray *batch,
                           int64_t column) {
  memset(out, 0, sizeof *out);
  if (!schema || !batch || column < 0 || column >= schema->n_children || schema->n_children != batch->n_children) {
    return EINVAL;
  }
  const struct ArrowSchema *type = schema->children ? schema->children[column] : NULL;
  const struct ArrowArray *array = batch->children ? batch->children[column] : NULL;
  if (!type || !type->format || !array || type->dictionary || array->dictionary) return EINVAL;
  int text = strcmp(type->format, "u") == 0 || strcmp(type->format, "z") == 0;
  int plain = strcmp(type->format, "b") == 0 || strcmp(type->format, "l") == 0 || strcmp(type->format, "g") == 0 ||
              strcmp(type->format, "tdD") == 0 || strcmp(type->format, "tsu:UTC") == 0;
  if (!text && !plain) return EINVAL;
  if (batch->length < 0 || batch->offset < 0 || array->length < 0 || array->offset < 0) return EINVAL;
  if (array->length > INT64_MAX / 2 || array->offset > INT64_MAX / 2) return EINVAL;
  if (batch->offset > array->length || batch->length > array->length - batch->offset) return EINVAL;
  if (array->n_buffers != (text ? 3 : 2) || !array->buffers) return EINVAL;
  out->length = batch->length;
  out->offset = batch->offset + array->offset;
  out->validity = array->null_count == 0 ? NULL : array->buffers[0];
  if (array->null_count > 0 && !out->validity) return EINVAL;
  out->offsets = text ? array->buffers[1] : NULL;
  out->values = array->buffers[text ? 2 : 1];
  if (out->length > 0 && ((text && !out->offsets) || (!text && !out->values))) return EINVAL;
  if (text && out->length > 0) {
    const int32_t *offsets = out->offsets + out->offset;
    if (offsets[0] < 0 || (offsets[out->length] > 0 && !out->values)) return EINVAL;
    for (int64_t i = 0; i < out->length; i++) {
      if (offsets[i] > offsets[i + 1]) return EINVAL;
    }
  }
  snprintf(out->format, sizeof out->format, "%s", type->format);
  return 0;
}

int sluice_kit_view_is_null(const sluice_kit_view *view, int64_t row) {
  if (row < 0 || row >= view->length) return 1;
  if (!view->validity) return 0;
  int64_t bit = view->offset + row;
  return (view->validity[bit >> 3] >> (bit & 7) & 1) == 0;
}

int sluice_kit_view_bool(const sluice_kit_view *view, int64_t row) {
  if (view->format[0] != 'b' || sluice_kit_view_is_null(view, row)) return 0;
  int64_t bit = view->offset + row;
  return ((const uint8_t *)view->values)[bit >> 3] >> (bit & 7) & 1;
}

int64_t sluice_kit_view_int64(const sluice_kit_view *view, int64_t row) {
  if (sluice_kit_view_is_null(view, row)) return 0;
  size_t at = (size_t)(view->offset + row);
  if (strcmp(view->format, "tdD") == 0) return ((const int32_t *)view->values)[at];
  if (view->format[0] == 'l' || strcmp(view->format, "tsu:UTC") == 0) return ((const int64_t *)view->values)[at];
  return 0;
}

double sluice_kit_view_float64(const sluice_kit_view *view, int64_t row) {
  if (view->format[0] != 'g' || sluice_kit_view_is_null(view, row)) return 0;
  return ((const double *)view->values)[view->offset + row];
}

sluice_str sluice_kit_view_text(const sluice_kit_view *view, int64_t row) {
  sluice_str text = {"", 0};
  if (!view->offsets || sluice_kit_view_is_null(view, row)) return text;
  const int32_t *offsets = view->offsets + view->offset + row;
  if (offsets[1] == offsets[0]) return text;
  text.data = (const char *)view->values + offsets[0];
  text.size = (uint64_t)(offsets[1] - offsets[0]);
  return text;
}
