/* Arrow schemas, and streams made of a callback. */
#include "sluice_kit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STREAM_MESSAGE_MAX 2048

static char *duplicate(const char *text) {
  size_t size = strlen(text) + 1;
  char *copy = malloc(size);
  if (copy) memcpy(copy, text, size);
  return copy;
}

/* Children are allocated one by one, so that a consumer may move a child out and the rest is still freed. */
static void release_schema(struct ArrowSchema *self) {
  for (int64_t i = 0; i < self->n_children; i++) {
    if (!self->children[i]) continue;
    if (self->children[i]->release) self->children[i]->release(self->children[i]);
    free(self->children[i]);
  }
  free(self->children);
  free((char *)self->format);
  free((char *)self->name);
  self->children = NULL;
  self->release = NULL;
}

static int fill(struct ArrowSchema *out, const char *name, const char *format, int64_t flags, int64_t children) {
  memset(out, 0, sizeof *out);
  out->format = duplicate(format);
  out->name = duplicate(name);
  out->flags = flags;
  out->release = release_schema;
  if (children > 0) out->children = calloc((size_t)children, sizeof *out->children);
  if (!out->format || !out->name || (children > 0 && !out->children)) {
    release_schema(out);
    return ENOMEM;
  }
  out->n_children = children;
  return 0;
}

int sluice_kit_schema_struct(struct ArrowSchema *out, int64_t columns) {
  if (columns < 0) return EINVAL;
  return fill(out, "", "+s", 0, columns);
}

int sluice_kit_schema_column(struct ArrowSchema *schema, int64_t index, const char *name, const char *format,
                             int nullable) {
  if (!schema || !schema->release || !name || !format || index < 0 || index >= schema->n_children) return EINVAL;
  if (!schema->children || schema->children[index]) return EINVAL;
  struct ArrowSchema *child = malloc(sizeof *child);
  if (!child) return ENOMEM;
  int problem = fill(child, name, format, nullable ? ARROW_FLAG_NULLABLE : 0, 0);
  if (problem) {
    free(child);
    return problem;
  }
  schema->children[index] = child;
  return 0;
}

int sluice_kit_schema_copy(const struct ArrowSchema *schema, struct ArrowSchema *out) {
  memset(out, 0, sizeof *out);
  if (!schema || !schema->format || schema->n_children < 0) return EINVAL;
  if (schema->n_children > 0 && !schema->children) return EINVAL;
  int problem = fill(out, schema->name ? schema->name : "", schema->format, schema->flags, schema->n_children);
  for (int64_t i = 0; !problem && i < schema->n_children; i++) {
    struct ArrowSchema *child = malloc(sizeof *child);
    if (!child) {
      problem = ENOMEM;
      break;
    }
    problem = schema->children[i] ? sluice_kit_schema_copy(schema->children[i], child) : EINVAL;
    if (problem) {
      free(child);
    } else {
      out->children[i] = child;
    }
  }
  if (problem) sluice_kit_schema_release(out);
  return problem;
}

void sluice_kit_schema_release(struct ArrowSchema *schema) {
  if (schema && schema->release) schema->release(schema);
}

void sluice_kit_array_release(struct ArrowArray *array) {
  if (array && array->release) array->release(array);
}

int sluice_kit_errno(sluice_status status) {
  switch (status) {
    case SLUICE_OK: return 0;
    case SLUICE_TIMEOUT: return ECANCELED;
    case SLUICE_TRANSIENT_ERROR: return EIO;
    case SLUICE_RATE_LIMIT: return EAGAIN;
    case SLUICE_QUOTA_EXHAUSTED: return ENOMEM;
    case SLUICE_POLICY_BLOCK: return EPERM;
    default: return EINVAL;
  }
}

typedef struct stream {
  struct ArrowSchema schema;
  const sluice_kit_stream_ops *ops;
  void *state;
  int failed; /* the errno value that every later call repeats */
  int has_message;
  char message[STREAM_MESSAGE_MAX + 1];
} stream;

static int stream_fail(stream *self, int problem, const char *message) {
  self->failed = problem;
  self->has_message = 1;
  snprintf(self->message, sizeof self->message, "%s", message);
  return problem;
}

static int stream_schema(struct ArrowArrayStream *self, struct ArrowSchema *out) {
  stream *state = self ? self->private_data : NULL;
  if (!state || !out) return EINVAL;
  int problem = sluice_kit_schema_copy(&state->schema, out);
  return problem ? stream_fail(state, problem, "The plugin ran out of memory while it copied a schema.") : 0;
}

static int stream_next(struct ArrowArrayStream *self, struct ArrowArray *out) {
  stream *state = self ? self->private_data : NULL;
  if (!state || !out) return EINVAL;
  memset(out, 0, sizeof *out);
  if (state->failed) return state->failed;
  sluice_error error = {.struct_size = sizeof error};
  sluice_status status = state->ops->next(state->state, out, &error);
  if (status == SLUICE_OK) {
    sluice_kit_error_clear(&error);
    return 0;
  }
  sluice_kit_array_release(out);
  memset(out, 0, sizeof *out);
  char message[STREAM_MESSAGE_MAX + 1];
  snprintf(message, sizeof message, "%.*s", SLUICE_KIT_ARG(error.message));
  sluice_kit_error_clear(&error);
  return stream_fail(state, sluice_kit_errno(status), message[0] ? message : "The plugin could not read on.");
}

static const char *stream_error(struct ArrowArrayStream *self) {
  stream *state = self ? self->private_data : NULL;
  return state && state->has_message ? state->message : NULL;
}

static void stream_release(struct ArrowArrayStream *self) {
  stream *state = self ? self->private_data : NULL;
  if (!state) return;
  state->ops->close(state->state);
  sluice_kit_schema_release(&state->schema);
  free(state);
  memset(self, 0, sizeof *self);
}

int sluice_kit_stream(struct ArrowArrayStream *out, struct ArrowSchema *schema, const sluice_kit_stream_ops *ops,
                      void *state) {
  stream *self = calloc(1, sizeof *self);
  if (!self) {
    sluice_kit_schema_release(schema);
    return ENOMEM;
  }
  self->schema = *schema;
  schema->release = NULL;
  self->ops = ops;
  self->state = state;
  out->get_schema = stream_schema;
  out->get_next = stream_next;
  out->get_last_error = stream_error;
  out->release = stream_release;
  out->private_data = self;
  return 0;
}
