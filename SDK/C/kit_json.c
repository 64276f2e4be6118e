/* A strict reader for small JSON documents: configurations and requests. */
#include "sluice_kit.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64
#define SIZE_MAX_BYTES (16u * 1024u * 1024u)
#define MEMBERS_MAX 4096
#define BLOCK_VALUES 64

typedef struct block {
  struct block *next;
  uint32_t used;
  sluice_kit_value values[BLOCK_VALUES];
} block;

struct sluice_kit_json {
  block *blocks;
  char *strings; /* unescaped text; never longer than the document */
  uint64_t used;
  const sluice_kit_value *root;
};

typedef struct parser {
  sluice_kit_json *json;
  const char *start;
  const char *at;
  const char *end;
  const char *problem; /* the first one; NULL: out of memory or none */
  int memory;
} parser;

static int refuse(parser *p, const char *problem) {
  if (!p->problem) p->problem = problem;
  return 0;
}

static sluice_kit_value *new_value(parser *p) {
  block *current = p->json->blocks;
  if (!current || current->used == BLOCK_VALUES) {
    block *fresh = calloc(1, sizeof *fresh);
    if (!fresh) {
      p->memory = 1;
      return NULL;
    }
    fresh->next = current;
    p->json->blocks = fresh;
    current = fresh;
  }
  return &current->values[current->used++];
}

static void skip_space(parser *p) {
  while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\r' || *p->at == '\t')) p->at++;
}

static int hex4(parser *p, uint32_t *out) {
  uint32_t code = 0;
  if (p->end - p->at < 4) return refuse(p, "an escape is cut short");
  for (int i = 0; i < 4; i++) {
    char c = *p->at++;
    code <<= 4;
    if (c >= '0' && c <= '9') {
      code |= (uint32_t)(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      code |= (uint32_t)(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      code |= (uint32_t)(c - 'A' + 10);
    } else {
      return refuse(p, "an escape needs four hexadecimal digits");
    }
  }
  *out = code;
  return 1;
}

static void put_scalar(parser *p, uint32_t code) {
  char *out = p->json->strings + p->json->used;
  if (code < 0x80) {
    out[0] = (char)code;
    p->json->used += 1;
  } else if (code < 0x800) {
    out[0] = (char)(0xC0 | (code >> 6));
    out[1] = (char)(0x80 | (code & 0x3F));
    p->json->used += 2;
  } else if (code < 0x10000) {
    out[0] = (char)(0xE0 | (code >> 12));
    out[1] = (char)(0x80 | ((code >> 6) & 0x3F));
    out[2] = (char)(0x80 | (code & 0x3F));
    p->json->used += 3;
  } else {
    out[0] = (char)(0xF0 | (code >> 18));
    out[1] = (char)(0x80 | ((code >> 12) & 0x3F));
    out[2] = (char)(0x80 | ((code >> 6) & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    p->json->used += 4;
  }
}

static int escape(parser *p) {
  static const char names[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  if (p->at == p->end) return refuse(p, "a string does not end");
  char c = *p->at++;
  if (c != 'u') {
    const char *found = c ? strchr(names, c) : NULL;
    if (!found) return refuse(p, "an unknown escape");
    put_scalar(p, (unsigned char)meanings[found - names]);
    return 1;
  }
  uint32_t code;
  if (!hex4(p, &code)) return 0;
  if (code >= 0xDC00 && code <= 0xDFFF) return refuse(p, "half of a surrogate pair");
  if (code >= 0xD800 && code <= 0xDBFF) {
    uint32_t low;
    if (p->end - p->at < 2 || p->at[0] != '\\' || p->at[1] != 'u') return refuse(p, "half of a surrogate pair");
    p->at += 2;
    if (!hex4(p, &low)) return 0;
    if (low < 0xDC00 || low > 0xDFFF) return refuse(p, "half of a surrogate pair");
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  put_scalar(p, code);
  return 1;
}

/* Escapes never grow (\uXXXX is six bytes for at most three, a pair twelve for four), so `strings` cannot overflow. */
static int string(parser *p, sluice_str *out) {
  uint64_t from = p->json->used;
  p->at++;
  for (;;) {
    if (p->at == p->end) return refuse(p, "a string does not end");
    unsigned char c = (unsigned char)*p->at;
    if (c < 0x20) return refuse(p, "a control character in a string");
    p->at++;
    if (c == '"') break;
    if (c == '\\') {
      if (!escape(p)) return 0;
    } else {
      p->json->strings[p->json->used++] = (char)c;
    }
  }
  out->data = p->json->strings + from;
  out->size = p->json->used - from;
  return 1;
}

static int digits(parser *p) {
  const char *from = p->at;
  while (p->at < p->end && *p->at >= '0' && *p->at <= '9') p->at++;
  return p->at > from ? 1 : refuse(p, "a number lacks a digit");
}

static int number(parser *p, sluice_kit_value *value) {
  const char *from = p->at;
  int whole = 1;
  if (*p->at == '-') p->at++;
  if (p->at < p->end && *p->at == '0') {
    p->at++;
  } else if (!digits(p)) {
    return 0;
  }
  if (p->at < p->end && *p->at == '.') {
    whole = 0;
    p->at++;
    if (!digits(p)) return 0;
  }
  if (p->at < p->end && (*p->at == 'e' || *p->at == 'E')) {
    whole = 0;
    p->at++;
    if (p->at < p->end && (*p->at == '+' || *p->at == '-')) p->at++;
    if (!digits(p)) return 0;
  }
  char copy[64];
  size_t size = (size_t)(p->at - from);
  if (size >= sizeof copy) return refuse(p, "a number is too long");
  memcpy(copy, from, size);
  copy[size] = 0;
  value->type = SLUICE_KIT_NUMBER;
  value->number = strtod(copy, NULL);
  if (!isfinite(value->number)) return refuse(p, "a number is too large");
  if (whole) {
    errno = 0;
    value->integer = strtoll(copy, NULL, 10);
    value->is_integer = errno == 0;
  } else if (value->number == floor(value->number) && fabs(value->number) <= 9007199254740992.0) {
    value->integer = (int64_t)value->number;
    value->is_integer = 1;
  }
  return 1;
}

static int any(parser *p, sluice_kit_value *value, int depth);

static int members(parser *p, sluice_kit_value *parent, int depth) {
  int object = parent->type == SLUICE_KIT_OBJECT;
  char close = object ? '}' : ']';
  sluice_kit_value *last = NULL;
  p->at++;
  skip_space(p);
  if (p->at < p->end && *p->at == close) {
    p->at++;
    return 1;
  }
  for (;;) {
    sluice_kit_value *value = new_value(p);
    if (!value) return 0;
    if (object) {
      skip_space(p);
      if (p->at == p->end || *p->at != '"') return refuse(p, "an object's key must be a string");
      if (!string(p, &value->key)) return 0;
      for (const sluice_kit_value *other = parent->first; other; other = other->next) {
        if (sluice_kit_str_equal(other->key, value->key)) return refuse(p, "a key stands twice in one object");
      }
      skip_space(p);
      if (p->at == p->end || *p->at != ':') return refuse(p, "a colon is missing");
      p->at++;
      if (parent->count == MEMBERS_MAX) return refuse(p, "an object has too many members");
    }
    if (!any(p, value, depth)) return 0;
    if (last) {
      last->next = value;
    } else {
      parent->first = value;
    }
    last = value;
    parent->count++;
    skip_space(p);
    if (p->at == p->end) return refuse(p, "the text ends inside a value");
    char c = *p->at;
    if (c != ',' && c != close) return refuse(p, "a comma is missing");
    p->at++;
    if (c == close) return 1;
  }
}

static int word(parser *p, const char *text) {
  size_t size = strlen(text);
  if ((size_t)(p->end - p->at) < size || memcmp(p->at, text, size) != 0) return refuse(p, "an unknown word");
  p->at += size;
  return 1;
}

static int any(parser *p, sluice_kit_value *value, int depth) {
  skip_space(p);
  if (p->at == p->end) return refuse(p, "a value is missing");
  if (depth == DEPTH_MAX) return refuse(p, "nested too deeply");
  switch (*p->at) {
    case '{':
      value->type = SLUICE_KIT_OBJECT;
      return members(p, value, depth + 1);
    case '[':
      value->type = SLUICE_KIT_ARRAY;
      return members(p, value, depth + 1);
    case '"':
      value->type = SLUICE_KIT_STRING;
      return string(p, &value->text);
    case 't':
      value->type = SLUICE_KIT_BOOL;
      value->integer = 1;
      return word(p, "true");
    case 'f':
      value->type = SLUICE_KIT_BOOL;
      return word(p, "false");
    case 'n':
      value->type = SLUICE_KIT_NULL;
      return word(p, "null");
    default:
      if (*p->at == '-' || (*p->at >= '0' && *p->at <= '9')) return number(p, value);
      return refuse(p, "a value is expected");
  }
}

sluice_status sluice_kit_json_parse(sluice_str text, sluice_kit_json **out, sluice_error *error) {
  *out = NULL;
  if (text.size > SIZE_MAX_BYTES) {
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "The JSON is larger than 16 MiB: send less.");
  }
  uint64_t good = text.size ? sluice_kit_utf8_prefix(text.data, text.size) : 0;
  if (good < text.size) {
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                           "The JSON is not UTF-8 at byte %llu: encode it as UTF-8.", (unsigned long long)good);
  }
  sluice_kit_json *json = calloc(1, sizeof *json);
  if (json) json->strings = malloc(text.size + 1);
  if (!json || !json->strings) {
    sluice_kit_json_free(json);
    return sluice_kit_fail_memory(error);
  }
  const char *start = text.size ? text.data : "";
  parser p = {json, start, start, start + text.size, NULL, 0};
  sluice_kit_value *root = new_value(&p);
  int done = root && any(&p, root, 0);
  if (done) {
    skip_space(&p);
    if (p.at != p.end) done = refuse(&p, "something follows the value");
  }
  if (!done) {
    sluice_kit_json_free(json);
    if (p.memory) return sluice_kit_fail_memory(error);
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "The JSON is malformed at byte %llu (%s): correct it.",
                           (unsigned long long)(p.at - p.start), p.problem ? p.problem : "unknown");
  }
  json->root = root;
  *out = json;
  return SLUICE_OK;
}

const sluice_kit_value *sluice_kit_json_root(const sluice_kit_json *json) { return json->root; }

const sluice_kit_value *sluice_kit_json_get(const sluice_kit_value *object, const char *key) {
  if (!object || object->type != SLUICE_KIT_OBJECT) return NULL;
  sluice_str wanted = sluice_kit_str(key);
  for (const sluice_kit_value *member = object->first; member; member = member->next) {
    if (sluice_kit_str_equal(member->key, wanted)) return member;
  }
  return NULL;
}

void sluice_kit_json_free(sluice_kit_json *json) {
  if (!json) return;
  for (block *next, *at = json->blocks; at; at = next) {
    next = at->next;
    free(at);
  }
  free(json->strings);
  free(json);
}
