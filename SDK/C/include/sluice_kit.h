/* The C kit for plugin authors: results, errors, JSON and Arrow, so that a plugin holds its own logic only.
 *
 * The kit is compiled into each plugin; none of its symbols crosses the ABI. Every function is thread-compatible:
 * it keeps no global state, so two threads may work on two objects, never on one. Nothing here aborts. Functions that
 * return int give 0 or an errno value (ENOMEM out of memory, EINVAL wrong argument, EOVERFLOW too much data).
 */
#ifndef SLUICE_KIT_H
#define SLUICE_KIT_H

#include "sluice/sluice.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SLUICE_KIT_PRINTF(at, first) __attribute__((format(printf, at, first)))
#else
#define SLUICE_KIT_PRINTF(at, first)
#endif

/* ---------------------------------------------------------------- text and errors (kit_text.c) */

/* A string literal as sluice_str, for static initialisers. */
#define SLUICE_KIT_LITERAL(text) {(text), sizeof(text) - 1}

/* The two arguments of "%.*s" for a sluice_str. */
#define SLUICE_KIT_ARG(str) ((int)((str).size > 4096 ? 4096 : (str).size)), ((str).data ? (str).data : "")

/* A NUL-terminated string as borrowed text. NULL gives the empty text. */
sluice_str sluice_kit_str(const char *text);

/* 1 when both are the same bytes. */
int sluice_kit_str_equal(sluice_str a, sluice_str b);

/* How many bytes from the start of `data` are well-formed UTF-8 (RFC 3629: shortest form, no surrogates). */
uint64_t sluice_kit_utf8_prefix(const char *data, uint64_t size);

/* Fill a host's result with a copy of `size` bytes. The consumer frees it through `release`. */
sluice_status sluice_kit_text_copy(sluice_text *out, const char *data, uint64_t size, sluice_error *error);

/* Fill `error` and return `code`, so that a function can end with `return sluice_kit_fail(…)`.
 * The message is cut at 2,048 bytes on a character boundary; `retryable` follows from the code (RATE_LIMIT, TIMEOUT,
 * TRANSIENT_ERROR and PROVIDER_UNHEALTHY are). `error` may be NULL. A message must name the next step and must hold no
 * value of a cell and no secret. */
sluice_status sluice_kit_fail(sluice_error *error, sluice_status code, const char *format, ...)
    SLUICE_KIT_PRINTF(3, 4);

/* SLUICE_QUOTA_EXHAUSTED with the sentence that every plugin says when memory runs out. */
sluice_status sluice_kit_fail_memory(sluice_error *error);

/* Release an error that the host filled, if it needs it. Harmless on a zeroed one. */
void sluice_kit_error_clear(sluice_error *error);

/* Copy the host's table into `out` (fields that an older host lacks become NULL).
 * Returns 1, or 0 when the host's ABI does not fit this kit (another major version, or a table below version 1; the minor
 * version does not matter): then the entry point must return NULL. */
int sluice_kit_accept(const sluice_host_info *info, sluice_host *out);

/* Define the entry point: PLUGIN is a table that SLUICE_KIT_CHECK, _CONNECTOR or _PROVIDER made, HOST a `sluice_host` variable
 * that receives the host's services. The host may call it again. */
#define SLUICE_KIT_ENTRY(PLUGIN, HOST)                                                                                 \
  const sluice_plugin *sluice_plugin_entry(const sluice_host_info *info) {                                             \
    return sluice_kit_accept(info, &(HOST)) ? &(PLUGIN) : NULL;                                                        \
  }

/* ---------------------------------------------------------------- guarded tables (kit_guard.c)
 *
 * A host may call with wrong arguments, and conformance does (docs/abi.md, Rules for arguments). These macros put a thunk in
 * front of each of the author's functions: it refuses what the rules forbid, before the author's code runs, and gives it an
 * `error` that can always be filled. So an author's function never sees a NULL instance or output, text without data or above
 * SLUICE_TEXT_MAX, a released schema or batch, or an unknown mode. Use one of them, once, in the file that has the functions.
 */

/* What `error` is for one call: the caller's, or a scratch one where that is NULL or too short. */
typedef struct sluice_kit_errors {
  sluice_error *error;
  sluice_error scratch;
} sluice_kit_errors;

/* Begin a call, and end it with the status that goes to the caller. */
sluice_error *sluice_kit_call_begin(sluice_kit_errors *errors, sluice_error *error);
sluice_status sluice_kit_call_end(sluice_kit_errors *errors, sluice_status status);

/* SLUICE_OK, or `error` filled and SLUICE_DETERMINISTIC_FAILURE. `size` is the output's struct_size, at least `least`. */
sluice_status sluice_kit_guard_pointer(const void *pointer, const char *what, sluice_error *error);
sluice_status sluice_kit_guard_text_out(const sluice_text *out, sluice_error *error);
sluice_status sluice_kit_guard_floats_out(const sluice_floats *out, sluice_error *error);
sluice_status sluice_kit_guard_data(const void *data, uint64_t size, const char *what, sluice_error *error);
sluice_status sluice_kit_guard_schema(const struct ArrowSchema *schema, sluice_error *error);
sluice_status sluice_kit_guard_array(const struct ArrowArray *array, sluice_error *error);
sluice_status sluice_kit_guard_mode(int32_t mode, sluice_error *error);

/* The body of a thunk: guards in a row, then the call. */
#define SLUICE_KIT_BEGIN_                                                                                              \
  sluice_kit_errors kit_errors;                                                                                        \
  sluice_status kit_status = SLUICE_OK;                                                                                \
  error = sluice_kit_call_begin(&kit_errors, error);
#define SLUICE_KIT_GUARD_(GUARD)                                                                                       \
  if (kit_status == SLUICE_OK) kit_status = (GUARD);
#define SLUICE_KIT_END_(CALL)                                                                                          \
  if (kit_status == SLUICE_OK) kit_status = (CALL);                                                                    \
  return sluice_kit_call_end(&kit_errors, kit_status);
#define SLUICE_KIT_INSTANCE_ SLUICE_KIT_GUARD_(sluice_kit_guard_pointer(instance, "instance", error))

#define SLUICE_KIT_TABLE_(NAME, KIND, ID, VERSION, DESCRIBE, CREATE, DESTROY, CANCEL)                                  \
  static sluice_status NAME##_describe_(sluice_text *out, sluice_error *error) {                                       \
    SLUICE_KIT_BEGIN_                                                                                                  \
    SLUICE_KIT_GUARD_(sluice_kit_guard_text_out(out, error))                                                           \
    SLUICE_KIT_END_(DESCRIBE(out, error))                                                                              \
  }                                                                                                                    \
  static sluice_status NAME##_create_(sluice_str config, sluice_handle context, sluice_instance **out,                 \
                                      sluice_error *error) {                                                           \
    SLUICE_KIT_BEGIN_                                                                                                  \
    SLUICE_KIT_GUARD_(sluice_kit_guard_pointer(out, "place for the instance", error))                                  \
    SLUICE_KIT_GUARD_(sluice_kit_guard_data(config.data, config.size, "configuration", error))                         \
    SLUICE_KIT_END_(CREATE(config, context, out, error))                                                               \
  }                                                                                                                    \
  static void NAME##_destroy_(sluice_instance *instance) {                                                             \
    if (instance) DESTROY(instance);                                                                                   \
  }                                                                                                                    \
  static void NAME##_cancel_(sluice_instance *instance) {                                                              \
    if (instance) CANCEL(instance);                                                                                    \
  }                                                                                                                    \
  static const sluice_plugin NAME = {                                                                                  \
      sizeof(sluice_plugin), SLUICE_ABI_MAJOR, SLUICE_ABI_MINOR, (KIND), SLUICE_KIT_LITERAL(ID),                       \
      SLUICE_KIT_LITERAL(VERSION), NAME##_describe_, NAME##_create_, NAME##_destroy_, NAME##_cancel_, &NAME##_ops_, NULL}

/* Define the table of a check, NAME, around the author's functions, which have the types of check.h. */
#define SLUICE_KIT_CHECK(NAME, ID, VERSION, DESCRIBE, CREATE, DESTROY, CANCEL, DECLARE, BEGIN, UPDATE, MERGE, FINISH)  \
  static sluice_status NAME##_declare_(sluice_instance *instance, sluice_text *out, sluice_error *error) {             \
    SLUICE_KIT_BEGIN_ SLUICE_KIT_INSTANCE_                                                                             \
    SLUICE_KIT_GUARD_(sluice_kit_guard_text_out(out, error))                                                           \
    SLUICE_KIT_END_(DECLARE(instance, out, error))                                                                     \
  }                                                                                                                    \
  static sluice_status NAME##_begin_(sluice_instance *instance, const struct ArrowSchema *schema, sluice_str params,   \
                                     sluice_error *error) {                                                            \
    SLUICE_KIT_BEGIN_ SLUICE_KIT_INSTANCE_                                                                             \
    SLUICE_KIT_GUARD_(sluice_kit_guard_schema(schema, error))                                                          \
    SLUICE_KIT_GUARD_(sluice_kit_guard_data(params.data, params.size, "parameters", error))                            \
    SLUICE_KIT_END_(BEGIN(instance, schema, params, error))                                                            \
  }                                                                                                                    \
  static sluice_status NAME##_update_(sluice_instance *instance, struct ArrowArray *batch, sluice_error *error) {      \
    SLUICE_KIT_BEGIN_ SLUICE_KIT_INSTANCE_                                                                             \
    SLUICE_KIT_GUARD_(sluice_kit_guard_array(batch, error))                                                            \
    SLUICE_KIT_END_(UPDATE(instance, batch, error))                                                                    \
  }                                                                                                                    \
  static sluice_status NAME##_merge_(sluice_instance *instance, sluice_bytes state, sluice_error *error) {             \
    SLUICE_KIT_BEGIN_ SLUICE_KIT_INSTANCE_                                                                             \
    SLUICE_KIT_GUARD_(sluice_kit_guard_data(state.data, state.size, "state", error))                                   \
    SLUICE_KIT_END_(MERGE(instance, state, error))                                                                     \
  }                                                                                                                    \
  static sluice_status NAME##_finish_(sluice_instance *instance, int32_t mode, sluice_text *out,                       \
                                      sluice_error *error) {                                                           \
    SLUICE_KIT_BEGIN_ SLUICE_KIT_INSTANCE_                                                                             \
    SLUICE_KIT_GUARD_(sluice_kit_guard_mode(mode, error))                                                              \
    SLUICE_KIT_GUARD_(sluice_kit_guard_text_out(out, error))                                                           \
    SLUICE_KIT_END_(FINISH(instance, mode, out, error))                                                                \
  }                                                                                                                    \
  static const sluice_check_ops NAME##_ops_ = {sizeof(sluice_check_ops), 0,             NAME##_declare_,               \
                                               NAME##_begin_,            NAME##_update_, NAME##_merge_,                \
                                               NAME##_finish_};                                                        \
  SLUICE_KIT_TABLE_(NAME, SLUICE_KIND_CHECK, ID, VERSION, DESCRIBE, CREATE, DESTROY, CANCEL)

/* Define the table of a connector, NAME, around the author's functions, which have the types of connector.h. */
#define SLUICE_KIT_CONNECTOR(NAME, ID, VERSION, DESCRIBE, CREATE, DESTROY, CANCEL, INVENTORY, SCHEMA, SPLIT, SCAN)     \
  static sluice_status NAME##_inventory_(sluice_instance *instance, sluice_text *out, sluice_error *error) {           \
    SLUICE_KIT_BEGIN_ SLUICE_KIT_INSTANCE_                                                                             \
    SLUICE_KIT_GUARD_(sluice_kit_guard_text_out(out, error))                                                           \
    SLUICE_KIT_END_(INVENTORY(instance, out, error))                                                                   \
  }                                                                                                                    \
  static sluice_status NAME##_schema_(sluice_instance *instance, sluice_str table, struct ArrowSchema *out,            \
                                      sluice_text *details, sluice_error *error) {                                     \
    SLUICE_KIT_BEGIN_ SLUICE_KIT_INSTANCE_                                                                             \
    SLUICE_KIT_GUARD_(sluice_kit_guard_data(table.data, table.size, "table", error))                                   \
    SLUICE_KIT_GUARD_(sluice_kit_guard_pointer(out, "schema to fill", error))                                          \
    SLUICE_KIT_GUARD_(sluice_kit_guard_text_out(details, error))                                                       \
    SLUICE_KIT_END_(SCHEMA(instance, table, out, details, error))                                                      \
  }                                                                                                                    \
  static sluice_status NAME##_split_(sluice_instance *instance, sluice_str table, uint32_t parts, sluice_text *out,    \
                                     sluice_error *error) {                                                            \
    SLUICE_KIT_BEGIN_ SLUICE_KIT_INSTANCE_                                                                             \
    SLUICE_KIT_GUARD_(sluice_kit_guard_data(table.data, table.size, "table", error))                                   \
    SLUICE_KIT_GUARD_(sluice_kit_guard_text_out(out, error))                                                           \
    SLUICE_KIT_END_(SPLIT(instance, table, parts, out, error))                                                         \
  }                                                                                                                    \
  static sluice_status NAME##_scan_(sluice_instance *instance, sluice_str request, struct ArrowArrayStream *out,       \
                                    sluice_error *error) {                                                             \
    SLUICE_KIT_BEGIN_ SLUICE_KIT_INSTANCE_                                                                             \
    SLUICE_KIT_GUARD_(sluice_kit_guard_data(request.data, request.size, "request", error))                             \
    SLUICE_KIT_GUARD_(sluice_kit_guard_pointer(out, "stream to fill", error))                                          \
    SLUICE_KIT_END_(SCAN(instance, request, out, error))                                                               \
  }                                                                                                                    \
  static const sluice_connector_ops NAME##_ops_ = {sizeof(sluice_connector_ops), 0,             NAME##_inventory_,     \
                                                   NAME##_schema_,               NAME##_split_, NAME##_scan_};         \
  SLUICE_KIT_TABLE_(NAME, SLUICE_KIND_CONNECTOR, ID, VERSION, DESCRIBE, CREATE, DESTROY, CANCEL)

/* Thunks of a provider's calls; a call that is not offered has none. */
#define SLUICE_KIT_INFER(NAME, INFER)                                                                                  \
  static sluice_status NAME##_infer_(sluice_instance *instance, sluice_str request, sluice_text *out,                  \
                                     sluice_error *error) {                                                            \
    SLUICE_KIT_BEGIN_ SLUICE_KIT_INSTANCE_                                                                             \
    SLUICE_KIT_GUARD_(sluice_kit_guard_data(request.data, request.size, "request", error))                             \
    SLUICE_KIT_GUARD_(sluice_kit_guard_text_out(out, error))                                                           \
    SLUICE_KIT_END_(INFER(instance, request, out, error))                                                              \
  }
#define SLUICE_KIT_EMBED(NAME, EMBED)                                                                                  \
  static sluice_status NAME##_embed_(sluice_instance *instance, sluice_str request, sluice_floats *out,                \
                                     sluice_error *error) {                                                            \
    SLUICE_KIT_BEGIN_ SLUICE_KIT_INSTANCE_                                                                             \
    SLUICE_KIT_GUARD_(sluice_kit_guard_data(request.data, request.size, "request", error))                             \
    SLUICE_KIT_GUARD_(sluice_kit_guard_floats_out(out, error))                                                         \
    SLUICE_KIT_END_(EMBED(instance, request, out, error))                                                              \
  }
#define SLUICE_KIT_TOKEN_ESTIMATE(NAME, TOKEN_ESTIMATE)                                                                \
  static sluice_status NAME##_token_estimate_(sluice_instance *instance, sluice_str model, sluice_str text,            \
                                              uint64_t *tokens, sluice_error *error) {                                 \
    SLUICE_KIT_BEGIN_ SLUICE_KIT_INSTANCE_                                                                             \
    SLUICE_KIT_GUARD_(sluice_kit_guard_data(model.data, model.size, "model", error))                                   \
    SLUICE_KIT_GUARD_(sluice_kit_guard_data(text.data, text.size, "text", error))                                      \
    SLUICE_KIT_GUARD_(sluice_kit_guard_pointer(tokens, "place for the count", error))                                  \
    SLUICE_KIT_END_(TOKEN_ESTIMATE(instance, model, text, tokens, error))                                              \
  }

#define SLUICE_KIT_SUBMIT(NAME, SUBMIT)                                                                                \
  static sluice_status NAME##_submit_(sluice_instance *instance, sluice_str request, sluice_text *out,                 \
                                      sluice_error *error) {                                                           \
    SLUICE_KIT_BEGIN_ SLUICE_KIT_INSTANCE_                                                                             \
    SLUICE_KIT_GUARD_(sluice_kit_guard_data(request.data, request.size, "request", error))                             \
    SLUICE_KIT_GUARD_(sluice_kit_guard_text_out(out, error))                                                           \
    SLUICE_KIT_END_(SUBMIT(instance, request, out, error))                                                             \
  }
#define SLUICE_KIT_POLL(NAME, POLL)                                                                                    \
  static sluice_status NAME##_poll_(sluice_instance *instance, sluice_str request, sluice_text *out,                   \
                                    sluice_error *error) {                                                             \
    SLUICE_KIT_BEGIN_ SLUICE_KIT_INSTANCE_                                                                             \
    SLUICE_KIT_GUARD_(sluice_kit_guard_data(request.data, request.size, "request", error))                             \
    SLUICE_KIT_GUARD_(sluice_kit_guard_text_out(out, error))                                                           \
    SLUICE_KIT_END_(POLL(instance, request, out, error))                                                               \
  }

/* Define the table of a provider, NAME. INFER, EMBED and TOKEN_ESTIMATE are NULL, or NAME_infer_, NAME_embed_ and
 * NAME_token_estimate_ where SLUICE_KIT_INFER, SLUICE_KIT_EMBED and SLUICE_KIT_TOKEN_ESTIMATE made them. */
#define SLUICE_KIT_PROVIDER(NAME, ID, VERSION, DESCRIBE, CREATE, DESTROY, CANCEL, INFER, EMBED, TOKEN_ESTIMATE,        \
                            HEALTH)                                                                                    \
  SLUICE_KIT_BATCH_PROVIDER(NAME, ID, VERSION, DESCRIBE, CREATE, DESTROY, CANCEL, INFER, EMBED, TOKEN_ESTIMATE,        \
                            HEALTH, NULL, NULL)

/* The same with NAME_submit_ and NAME_poll_, which SLUICE_KIT_SUBMIT and SLUICE_KIT_POLL made. */
#define SLUICE_KIT_BATCH_PROVIDER(NAME, ID, VERSION, DESCRIBE, CREATE, DESTROY, CANCEL, INFER, EMBED, TOKEN_ESTIMATE,  \
                                  HEALTH, SUBMIT, POLL)                                                                \
  static sluice_status NAME##_health_(sluice_instance *instance, sluice_text *out, sluice_error *error) {              \
    SLUICE_KIT_BEGIN_ SLUICE_KIT_INSTANCE_                                                                             \
    SLUICE_KIT_GUARD_(sluice_kit_guard_text_out(out, error))                                                           \
    SLUICE_KIT_END_(HEALTH(instance, out, error))                                                                      \
  }                                                                                                                    \
  static const sluice_provider_ops NAME##_ops_ = {                                                                     \
      sizeof(sluice_provider_ops), 0, (INFER), (EMBED), (TOKEN_ESTIMATE), NAME##_health_, (SUBMIT), (POLL)};           \
  SLUICE_KIT_TABLE_(NAME, SLUICE_KIND_PROVIDER, ID, VERSION, DESCRIBE, CREATE, DESTROY, CANCEL)

/* ---------------------------------------------------------------- the host's services (kit_host.c)
 *
 * Each looks whether the host has the service: one that it lacks, because it is older or because the service is not for this
 * kind of plugin, is SLUICE_POLICY_BLOCK with a message that names it. `host` is what sluice_kit_accept filled. */

/* Copy up to `size` bytes at `offset` of a source stream; `*got` is smaller only near the end, and 0 at the end. */
sluice_status sluice_kit_read_at(const sluice_host *host, sluice_handle context, uint32_t stream, uint64_t offset,
                                 void *buffer, uint64_t size, uint64_t *got, sluice_error *error);

sluice_status sluice_kit_stream_size(const sluice_host *host, sluice_handle context, uint32_t stream, uint64_t *size,
                                     sluice_error *error);

sluice_status sluice_kit_resource(const sluice_host *host, sluice_handle context, sluice_str name, sluice_bytes *out,
                                  sluice_error *error);

/* Both outputs are made ready here; release them when the status is SLUICE_OK. */
sluice_status sluice_kit_http(const sluice_host *host, sluice_handle context, sluice_str request_json, sluice_bytes body,
                              sluice_text *response_json, sluice_text *response_body, sluice_error *error);

/* 1 once the running call was cancelled; 0 also when the host cannot tell. */
int sluice_kit_cancelled(const sluice_host *host, sluice_handle context);

/* Write a NUL-terminated line to the host's log; no cell value. Nothing happens when the host has none. */
void sluice_kit_log(const sluice_host *host, sluice_handle context, int32_t level, const char *message);

/* An optional table of the host, or NULL when it has none of that id. */
const void *sluice_kit_extension(const sluice_host *host, const char *id);

/* ---------------------------------------------------------------- JSON writer (kit_writer.c) */

/* A growing byte buffer that is also a JSON writer. Zero it to start. Errors stick: `failed` is looked at once, by
 * sluice_kit_writer_finish, and every append after a failure does nothing. */
typedef struct sluice_kit_writer {
  char *data;
  uint64_t size;
  uint64_t capacity;
  int32_t comma;  /* a value stands before: the next one needs a comma */
  int32_t failed; /* out of memory */
} sluice_kit_writer;

/* Append bytes as they are (binary states, text that is built by hand). */
void sluice_kit_append(sluice_kit_writer *writer, const void *data, uint64_t size);

/* Structure. Commas are written as needed; a key is always followed by one value. */
void sluice_kit_begin_object(sluice_kit_writer *writer);
void sluice_kit_end_object(sluice_kit_writer *writer);
void sluice_kit_begin_array(sluice_kit_writer *writer);
void sluice_kit_end_array(sluice_kit_writer *writer);
void sluice_kit_key(sluice_kit_writer *writer, const char *key);

/* Values. Strings are escaped as RFC 8259 asks; ill-formed UTF-8 becomes U+FFFD. A number that JSON cannot hold (NaN,
 * infinities) becomes null; others are written with the fewest digits that read back the same. */
void sluice_kit_string(sluice_kit_writer *writer, sluice_str value);
void sluice_kit_cstring(sluice_kit_writer *writer, const char *value);
void sluice_kit_integer(sluice_kit_writer *writer, int64_t value);
void sluice_kit_number(sluice_kit_writer *writer, double value);
void sluice_kit_bool(sluice_kit_writer *writer, int value);
void sluice_kit_null(sluice_kit_writer *writer);

/* The fewest significant digits (15 to 17) that read back as `value`; at least 32 bytes in `out`. Returns the length. */
int sluice_kit_format_double(double value, char *out);

/* Move what was written into a host's result and empty the writer. */
sluice_status sluice_kit_writer_finish(sluice_kit_writer *writer, sluice_text *out, sluice_error *error);

/* Free a writer that was not finished. */
void sluice_kit_writer_free(sluice_kit_writer *writer);

/* ---------------------------------------------------------------- JSON reader (kit_json.c) */

#define SLUICE_KIT_NULL 0
#define SLUICE_KIT_BOOL 1
#define SLUICE_KIT_NUMBER 2
#define SLUICE_KIT_STRING 3
#define SLUICE_KIT_ARRAY 4
#define SLUICE_KIT_OBJECT 5

/* One value of a document. Borrowed from the document; read only. */
typedef struct sluice_kit_value {
  int32_t type;
  int32_t is_integer; /* NUMBER: it is whole and fits `integer` */
  sluice_str key;     /* in an object */
  sluice_str text;    /* STRING, unescaped; may hold NUL */
  double number;      /* NUMBER */
  int64_t integer;    /* NUMBER when is_integer; BOOL: 0 or 1 */
  uint64_t count;     /* ARRAY, OBJECT: members */
  const struct sluice_kit_value *first; /* ARRAY, OBJECT: first member */
  const struct sluice_kit_value *next;  /* the next member of the same parent */
} sluice_kit_value;

/* A parsed document; owns its values. */
typedef struct sluice_kit_json sluice_kit_json;

/* Parse RFC 8259 JSON, strictly: UTF-8, no duplicate keys, no trailing bytes, at most 64 levels deep, 16 MiB, and 4,096
 * members in an object. On failure fills `error` with SLUICE_DETERMINISTIC_FAILURE, the byte offset and the reason. */
sluice_status sluice_kit_json_parse(sluice_str text, sluice_kit_json **out, sluice_error *error);

/* The outermost value; lives as long as the document. */
const sluice_kit_value *sluice_kit_json_root(const sluice_kit_json *json);

/* The member `key`, or NULL when `object` is NULL, no object, or lacks it. */
const sluice_kit_value *sluice_kit_json_get(const sluice_kit_value *object, const char *key);

void sluice_kit_json_free(sluice_kit_json *json);

/* ---------------------------------------------------------------- Arrow schemas and streams (kit_schema.c) */

/* Start the schema of a batch: format "+s" with `columns` children to be set with sluice_kit_schema_column. */
int sluice_kit_schema_struct(struct ArrowSchema *out, int64_t columns);

/* Set child `index`. `format` is one of those that connector.h lists. */
int sluice_kit_schema_column(struct ArrowSchema *schema, int64_t index, const char *name, const char *format,
                             int nullable);

/* A deep copy, without metadata and dictionaries. */
int sluice_kit_schema_copy(const struct ArrowSchema *schema, struct ArrowSchema *out);

/* Release if it is not yet released. Harmless on a zeroed one. */
void sluice_kit_schema_release(struct ArrowSchema *schema);
void sluice_kit_array_release(struct ArrowArray *array);

/* The errno value that a stream returns for a status: TIMEOUT ECANCELED, TRANSIENT_ERROR EIO, RATE_LIMIT EAGAIN,
 * QUOTA_EXHAUSTED ENOMEM, POLICY_BLOCK EPERM, everything else EINVAL. */
int sluice_kit_errno(sluice_status status);

/* What a stream asks of its author. `next` leaves out->release NULL at the end and fills `error` when it fails;
 * after a failure it is not called again. `close` is called exactly once. */
typedef struct sluice_kit_stream_ops {
  sluice_status (*next)(void *state, struct ArrowArray *out, sluice_error *error);
  void (*close)(void *state);
} sluice_kit_stream_ops;

/* Make a stream of `state`. Takes over `schema` and, when it returns 0, `state`. `ops` must outlive the stream. */
int sluice_kit_stream(struct ArrowArrayStream *out, struct ArrowSchema *schema, const sluice_kit_stream_ops *ops,
                      void *state);

/* ---------------------------------------------------------------- Arrow builders (kit_build.c) */

/* Builds batches of one schema, column by column, and can be used again after each finish. */
typedef struct sluice_kit_batch sluice_kit_batch;

/* `schema` is borrowed for this call. NULL when out of memory or when a format is not one of connector.h's. */
sluice_kit_batch *sluice_kit_batch_new(const struct ArrowSchema *schema);
void sluice_kit_batch_free(sluice_kit_batch *batch);

/* Append one value to a column. EINVAL when the column has another type; EOVERFLOW when text would pass 2 GiB. */
int sluice_kit_batch_null(sluice_kit_batch *batch, int64_t column);
int sluice_kit_batch_bool(sluice_kit_batch *batch, int64_t column, int value);             /* "b" */
int sluice_kit_batch_int64(sluice_kit_batch *batch, int64_t column, int64_t value);        /* "l", "tsu:UTC" */
int sluice_kit_batch_float64(sluice_kit_batch *batch, int64_t column, double value);       /* "g" */
int sluice_kit_batch_date32(sluice_kit_batch *batch, int64_t column, int32_t days);        /* "tdD" */
int sluice_kit_batch_bytes(sluice_kit_batch *batch, int64_t column, const void *data, uint64_t size); /* "u", "z" */

/* Rows so far in a column, and bytes so far in all. */
int64_t sluice_kit_batch_rows(const sluice_kit_batch *batch, int64_t column);
uint64_t sluice_kit_batch_size(const sluice_kit_batch *batch);

/* Move the rows into `out`, a struct array that owns its buffers, and start anew. EINVAL when columns differ in length;
 * after ENOMEM the rows are lost and the builder can only be freed. */
int sluice_kit_batch_finish(sluice_kit_batch *batch, struct ArrowArray *out);

/* ---------------------------------------------------------------- Arrow readers (kit_view.c) */

/* A checked look at one column of a batch. Borrowed from the array; offsets of parent and child are already added. */
typedef struct sluice_kit_view {
  char format[12];
  int32_t reserved;
  int64_t length;
  int64_t offset;
  const uint8_t *validity; /* NULL when nothing is null */
  const int32_t *offsets;  /* "u", "z" */
  const void *values;
} sluice_kit_view;

/* The index of the child named `name`, or -1. */
int64_t sluice_kit_schema_find(const struct ArrowSchema *schema, sluice_str name);

/* Look at child `column` of a batch. EINVAL when shapes do not agree, a buffer is missing, or the format is unknown. */
int sluice_kit_view_column(sluice_kit_view *out, const struct ArrowSchema *schema, const struct ArrowArray *batch,
                           int64_t column);

/* 1 for a null and for a row out of range. */
int sluice_kit_view_is_null(const sluice_kit_view *view, int64_t row);

/* The value of a row; 0 or the empty text for a null, a row out of range, and a column of another type. */
int sluice_kit_view_bool(const sluice_kit_view *view, int64_t row);       /* "b" */
int64_t sluice_kit_view_int64(const sluice_kit_view *view, int64_t row);  /* "l", "tsu:UTC", "tdD" */
double sluice_kit_view_float64(const sluice_kit_view *view, int64_t row); /* "g" */
sluice_str sluice_kit_view_text(const sluice_kit_view *view, int64_t row); /* "u", "z" */

#ifdef __cplusplus
}
#endif
#endif
