/* The kit: JSON both ways, Arrow both ways, errors. */
#include "testing.h"

#include <errno.h>
#include <math.h>

static sluice_status parse(const char *text, uint64_t size) {
  sluice_kit_json *json;
  sluice_str str = {text, size};
  sluice_status status = sluice_kit_json_parse(str, &json, NULL);
  sluice_kit_json_free(json);
  return status;
}

static void json_accepts_what_rfc_8259_accepts(void) {
  static const char *const good[] = {"{}", "[]", "null", " true ", "-0", "0.5e-3", "1E+2", "\"\"", "[1,[2,{\"a\":[]}]]",
                                     "\"\\u00e9\\ud83d\\ude00\\n\\/\"", "{\"a\":{\"a\":1}}", "9223372036854775807"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) CHECK(parse(good[i], strlen(good[i])) == SLUICE_OK);
}

static void json_refuses_what_rfc_8259_refuses(void) {
  static const char *const bad[] = {"",          "{",         "[1,]",       "{\"a\":1,}", "{a:1}",        "01",
                                    "1.",        ".5",        "+1",         "1e",         "\"\\x\"",      "\"\\ud800\"",
                                    "\"\\udc00\"", "\"a",      "nul",        "[1 2]",      "{\"a\" 1}",    "1 2",
                                    "\"\t\"",    "\"\\u12\"", "\xEF\xBB\xBF{}", "\"\xC0\x80\"", "{\"a\":1,\"a\":2}", "1e999",
                                    "\"\xED\xA0\x80\"", "NaN", "'a'",      "/**/1"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    if (parse(bad[i], strlen(bad[i])) == SLUICE_OK) fprintf(stderr, "  accepted: %s\n", bad[i]);
    CHECK(parse(bad[i], strlen(bad[i])) == SLUICE_DETERMINISTIC_FAILURE);
  }
}

static void json_depth_is_limited(void) {
  char deep[1000];
  memset(deep, '[', 500);
  memset(deep + 500, ']', 500);
  CHECK(parse(deep, 1000) == SLUICE_DETERMINISTIC_FAILURE);
  CHECK(parse(deep + 440, 120) == SLUICE_OK);
}

static void json_values_are_read(void) {
  sluice_kit_json *json;
  sluice_str text = sluice_kit_str("{\"n\":-42,\"x\":1.5,\"s\":\"a\\u0000\\u00e9\",\"l\":[true,null],\"e\":1e3}");
  CHECK(sluice_kit_json_parse(text, &json, NULL) == SLUICE_OK);
  const sluice_kit_value *root = sluice_kit_json_root(json);
  CHECK(root->count == 5);
  CHECK(sluice_kit_json_get(root, "n")->is_integer && sluice_kit_json_get(root, "n")->integer == -42);
  CHECK(!sluice_kit_json_get(root, "x")->is_integer && sluice_kit_json_get(root, "x")->number == 1.5);
  CHECK(sluice_kit_json_get(root, "e")->is_integer && sluice_kit_json_get(root, "e")->integer == 1000);
  sluice_str s = sluice_kit_json_get(root, "s")->text;
  CHECK(s.size == 4 && memcmp(s.data, "a\0\xC3\xA9", 4) == 0);
  CHECK(sluice_kit_json_get(root, "l")->first->next->type == SLUICE_KIT_NULL);
  CHECK(sluice_kit_json_get(root, "absent") == NULL && sluice_kit_json_get(NULL, "n") == NULL);
  sluice_kit_json_free(json);
}

static void random_bytes_never_break_the_reader(void) {
  static const char alphabet[] = "{}[]\":,\\u0d8 tfn1-.e\x01\xC3\xA9";
  for (uint64_t seed = 1; seed <= 20000; seed++) {
    uint64_t state = seed;
    uint64_t size = next_random(&state) % 40;
    char *text = malloc(size + 1); /* exact, so that the sanitiser sees a read behind the end */
    for (uint64_t i = 0; i < size; i++) text[i] = alphabet[next_random(&state) % (sizeof alphabet - 1)];
    char *exact = realloc(text, size ? size : 1);
    sluice_status status = parse(exact, size);
    if (status != SLUICE_OK && status != SLUICE_DETERMINISTIC_FAILURE) fprintf(stderr, "  seed %d\n", (int)seed);
    CHECK(status == SLUICE_OK || status == SLUICE_DETERMINISTIC_FAILURE);
    free(exact);
  }
}

static void the_writer_writes_what_the_reader_reads(void) {
  sluice_kit_writer writer = {0};
  sluice_kit_begin_object(&writer);
  sluice_kit_key(&writer, "a\"b");
  sluice_str odd = {"x\0\n\\\xFFy\xC3\xA9\x1F", 9};
  sluice_kit_string(&writer, odd);
  sluice_kit_key(&writer, "l");
  sluice_kit_begin_array(&writer);
  sluice_kit_integer(&writer, INT64_MIN);
  sluice_kit_number(&writer, 0.1);
  sluice_kit_number(&writer, INFINITY);
  sluice_kit_begin_object(&writer);
  sluice_kit_end_object(&writer);
  sluice_kit_bool(&writer, 1);
  sluice_kit_end_array(&writer);
  sluice_kit_end_object(&writer);
  sluice_text text = {.struct_size = sizeof text};
  CHECK(sluice_kit_writer_finish(&writer, &text, NULL) == SLUICE_OK);
  CHECK(parse(text.data, text.size) == SLUICE_OK);
  char *copy = take_text(&text);
  CHECK(text.release == NULL);
  CHECK_TEXT(copy, "{\"a\\\"b\":\"x\\u0000\\n\\\\\xEF\xBF\xBDy\xC3\xA9\\u001f\",\"l\":[-9223372036854775808,0.1,null,{},"
                   "true]}");
  free(copy);
}

static void doubles_read_back_the_same(void) {
  static const double values[] = {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, 2.99, 123456789.123456789, -0.0, 1e21};
  char out[32];
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    sluice_kit_format_double(values[i], out);
    CHECK(strtod(out, NULL) == values[i]);
  }
  sluice_kit_format_double(2.99, out);
  CHECK_TEXT(out, "2.99");
}

static void errors_are_cut_on_a_character(void) {
  char large[4000];
  for (int i = 0; i < 3999; i += 2) memcpy(large + i, "\xC3\xA9", 2);
  large[3998] = 0;
  sluice_error error = {.struct_size = sizeof error};
  CHECK(sluice_kit_fail(&error, SLUICE_RATE_LIMIT, "x%s", large) == SLUICE_RATE_LIMIT);
  CHECK(error.retryable == 1 && error.message.size <= 2048);
  CHECK(sluice_kit_utf8_prefix(error.message.data, error.message.size) == error.message.size);
  sluice_kit_fail(&error, SLUICE_DSL_REJECT, "again");
  CHECK(error.code == SLUICE_DSL_REJECT && error.retryable == 0);
  sluice_kit_error_clear(&error);
  CHECK(error.release == NULL && sluice_kit_fail(NULL, SLUICE_TIMEOUT, "nobody listens") == SLUICE_TIMEOUT);
}

static void an_error_may_be_made_of_the_one_before(void) {
  sluice_error error = {.struct_size = sizeof error};
  sluice_kit_fail(&error, SLUICE_TRANSIENT_ERROR, "The disk is slow.");
  sluice_kit_fail(&error, SLUICE_DETERMINISTIC_FAILURE, "Block 7: %.*s", SLUICE_KIT_ARG(error.message));
  CHECK(error.code == SLUICE_DETERMINISTIC_FAILURE && error.retryable == 0);
  CHECK(sluice_kit_str_equal(error.message, sluice_kit_str("Block 7: The disk is slow.")));
  sluice_kit_error_clear(&error);
}

static void schemas_without_their_children_are_refused(void) {
  struct ArrowSchema schema = {.format = "+s", .n_children = 2}, copy;
  struct ArrowArray batch = {.n_children = 2};
  sluice_kit_view view;
  for (int64_t n = 2; n >= -2; n -= 4) {
    schema.n_children = batch.n_children = n;
    CHECK(sluice_kit_schema_copy(&schema, &copy) == EINVAL && copy.release == NULL);
    CHECK(sluice_kit_schema_find(&schema, sluice_kit_str("a")) == -1);
    CHECK(sluice_kit_view_column(&view, &schema, &batch, 0) == EINVAL);
    CHECK(sluice_kit_batch_new(&schema) == NULL);
    CHECK(sluice_kit_schema_column(&schema, 0, "a", "l", 1) == EINVAL);
  }
  /* A column without a format is none either. */
  struct ArrowSchema child = {.name = "a"}, *children[] = {&child};
  schema.n_children = 1;
  schema.children = children;
  CHECK(sluice_kit_batch_new(&schema) == NULL && sluice_kit_schema_copy(&schema, &copy) == EINVAL);
}

static void batches_are_built_and_read(void) {
  static const char *const formats[] = {"b", "l", "g", "u", "z", "tdD", "tsu:UTC"};
  struct ArrowSchema schema;
  CHECK(sluice_kit_schema_struct(&schema, 7) == 0);
  for (int i = 0; i < 7; i++) CHECK(sluice_kit_schema_column(&schema, i, formats[i], formats[i], 1) == 0);
  CHECK(sluice_kit_schema_column(&schema, 0, "again", "l", 1) == EINVAL);
  sluice_kit_batch *batch = sluice_kit_batch_new(&schema);
  for (int round = 0; round < 2; round++) {
    for (int64_t row = 0; row < 3000; row++) {
      if (row % 7 == 3) {
        for (int c = 0; c < 7; c++) CHECK(sluice_kit_batch_null(batch, c) == 0);
        continue;
      }
      char text[24];
      int size = snprintf(text, sizeof text, "row %d", (int)row);
      CHECK(sluice_kit_batch_bool(batch, 0, row % 2) == 0);
      CHECK(sluice_kit_batch_int64(batch, 1, row) == 0);
      CHECK(sluice_kit_batch_float64(batch, 2, (double)row / 2) == 0);
      CHECK(sluice_kit_batch_bytes(batch, 3, text, (uint64_t)size) == 0);
      CHECK(sluice_kit_batch_bytes(batch, 4, "", 0) == 0);
      CHECK(sluice_kit_batch_date32(batch, 5, (int32_t)row) == 0);
      CHECK(sluice_kit_batch_int64(batch, 6, row * 1000) == 0);
    }
    CHECK(sluice_kit_batch_int64(batch, 3, 1) == EINVAL && sluice_kit_batch_bytes(batch, 1, "", 0) == EINVAL);
    CHECK(sluice_kit_batch_int64(batch, 7, 1) == EINVAL);
    struct ArrowArray array;
    CHECK(sluice_kit_batch_finish(batch, &array) == 0);
    /* A slice: rows 5 up to 2,995. */
    array.offset = 5;
    array.length = 2990;
    sluice_kit_view v[7];
    for (int c = 0; c < 7; c++) CHECK(sluice_kit_view_column(&v[c], &schema, &array, c) == 0);
    for (int64_t row = 0; row < array.length; row++) {
      int64_t real = row + 5;
      char text[24];
      snprintf(text, sizeof text, "row %d", (int)real);
      CHECK(sluice_kit_view_is_null(&v[3], row) == (real % 7 == 3));
      if (real % 7 == 3) continue;
      CHECK(sluice_kit_view_bool(&v[0], row) == real % 2 && sluice_kit_view_int64(&v[1], row) == real);
      CHECK(sluice_kit_view_float64(&v[2], row) == (double)real / 2);
      CHECK(sluice_kit_str_equal(sluice_kit_view_text(&v[3], row), sluice_kit_str(text)));
      CHECK(sluice_kit_view_int64(&v[5], row) == real && sluice_kit_view_int64(&v[6], row) == real * 1000);
    }
    CHECK(sluice_kit_view_is_null(&v[1], -1) && sluice_kit_view_int64(&v[1], 2990) == 0);
    array.length = 3000;
    CHECK(sluice_kit_view_column(&v[0], &schema, &array, 0) == EINVAL);
    /* A consumer may move a child out and release it later. */
    struct ArrowArray moved = *array.children[3];
    array.children[3]->release = NULL;
    array.release(&array);
    moved.release(&moved);
    CHECK(array.release == NULL && moved.release == NULL);
  }
  struct ArrowArray none;
  CHECK(sluice_kit_batch_finish(batch, &none) == 0 && none.length == 0);
  CHECK(((const int32_t *)none.children[3]->buffers[1])[0] == 0);
  sluice_kit_array_release(&none);
  CHECK(sluice_kit_batch_int64(batch, 1, 1) == 0 && sluice_kit_batch_finish(batch, &none) == EINVAL);
  sluice_kit_batch_free(batch);
  struct ArrowSchema copy;
  CHECK(sluice_kit_schema_copy(&schema, &copy) == 0);
  sluice_kit_schema_release(&schema);
  CHECK(sluice_kit_schema_find(&copy, sluice_kit_str("tdD")) == 5);
  CHECK(sluice_kit_schema_find(&copy, sluice_kit_str("absent")) == -1);
  sluice_kit_schema_release(&copy);
}

static void damaged_offsets_are_refused(void) {
  struct ArrowSchema schema;
  CHECK(sluice_kit_schema_struct(&schema, 1) == 0 && sluice_kit_schema_column(&schema, 0, "t", "u", 1) == 0);
  sluice_kit_batch *batch = sluice_kit_batch_new(&schema);
  for (int i = 0; i < 4; i++) CHECK(sluice_kit_batch_bytes(batch, 0, "abcd", 4) == 0);
  struct ArrowArray array;
  sluice_kit_view view;
  CHECK(sluice_kit_batch_finish(batch, &array) == 0);
  ((int32_t *)array.children[0]->buffers[1])[2] = 100;
  CHECK(sluice_kit_view_column(&view, &schema, &array, 0) == EINVAL);
  sluice_kit_array_release(&array);
  sluice_kit_schema_release(&schema);
  sluice_kit_batch_free(batch);
}

static int64_t stream_left, stream_closed;

static sluice_status next_batch(void *state, struct ArrowArray *out, sluice_error *error) {
  sluice_kit_batch *batch = state;
  if (stream_left == 0) return SLUICE_OK;
  if (stream_left-- == 1) return sluice_kit_fail(error, SLUICE_TRANSIENT_ERROR, "It stops here.");
  CHECK(sluice_kit_batch_int64(batch, 0, 7) == 0);
  return sluice_kit_batch_finish(batch, out) ? SLUICE_QUOTA_EXHAUSTED : SLUICE_OK;
}

static void close_stream(void *state) {
  stream_closed++;
  sluice_kit_batch_free(state);
}

static void streams_end_fail_and_close_once(void) {
  static const sluice_kit_stream_ops ops = {next_batch, close_stream};
  struct ArrowSchema schema, seen;
  CHECK(sluice_kit_schema_struct(&schema, 1) == 0 && sluice_kit_schema_column(&schema, 0, "n", "l", 0) == 0);
  sluice_kit_batch *batch = sluice_kit_batch_new(&schema);
  struct ArrowArrayStream stream;
  struct ArrowArray array;
  stream_left = 2;
  CHECK(sluice_kit_stream(&stream, &schema, &ops, batch) == 0 && schema.release == NULL);
  CHECK(stream.get_schema(&stream, &seen) == 0 && seen.n_children == 1);
  sluice_kit_schema_release(&seen);
  CHECK(stream.get_last_error(&stream) == NULL);
  CHECK(stream.get_next(&stream, &array) == 0 && array.length == 1);
  sluice_kit_array_release(&array);
  CHECK(stream.get_next(&stream, &array) == EIO && stream.get_next(&stream, &array) == EIO);
  CHECK_TEXT(stream.get_last_error(&stream), "It stops here.");
  stream.release(&stream);
  CHECK(stream_closed == 1 && stream.release == NULL);
}

static sluice_status failing_next(void *state, struct ArrowArray *out, sluice_error *error) {
  (void)out;
  return sluice_kit_fail(error, *(sluice_status *)state, "It stops here.");
}

static void close_nothing(void *state) { (void)state; }

static void a_status_becomes_the_errno_that_the_abi_names(void) {
  static const sluice_kit_stream_ops ops = {failing_next, close_nothing};
  static const struct {
    sluice_status status;
    int problem;
  } table[] = {
      {SLUICE_TIMEOUT, ECANCELED},      {SLUICE_TRANSIENT_ERROR, EIO},        {SLUICE_RATE_LIMIT, EAGAIN},
      {SLUICE_QUOTA_EXHAUSTED, ENOMEM}, {SLUICE_POLICY_BLOCK, EPERM},         {SLUICE_DSL_REJECT, EINVAL},
      {SLUICE_PROVIDER_UNHEALTHY, EINVAL}, {SLUICE_DETERMINISTIC_FAILURE, EINVAL}, {SLUICE_QUARANTINE_REQUIRED, EINVAL},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    sluice_status status = table[i].status;
    struct ArrowSchema schema;
    struct ArrowArrayStream stream;
    struct ArrowArray array;
    CHECK(sluice_kit_schema_struct(&schema, 0) == 0);
    CHECK(sluice_kit_stream(&stream, &schema, &ops, &status) == 0);
    CHECK(stream.get_next(&stream, &array) == table[i].problem);
    stream.release(&stream);
  }
}

static void a_host_of_any_minor_version_is_accepted(void) {
  sluice_host table = {.struct_size = SLUICE_HOST_SIZE_V1}, copy;
  sluice_host_info info = {.struct_size = sizeof info, .abi_major = SLUICE_ABI_MAJOR, .host = &table};
  for (uint32_t minor = 0; minor < SLUICE_ABI_MINOR + 3; minor++) {
    info.abi_minor = minor;
    CHECK(sluice_kit_accept(&info, &copy) == 1 && copy.struct_size == sizeof copy);
  }
  info.abi_major = SLUICE_ABI_MAJOR + 1;
  CHECK(sluice_kit_accept(&info, &copy) == 0);
  info.abi_major = SLUICE_ABI_MAJOR;
  table.struct_size = SLUICE_HOST_SIZE_V1 - 8;
  CHECK(sluice_kit_accept(&info, &copy) == 0);
}

int main(void) {
  RUN(json_accepts_what_rfc_8259_accepts);
  RUN(json_refuses_what_rfc_8259_refuses);
  RUN(json_depth_is_limited);
  RUN(json_values_are_read);
  RUN(random_bytes_never_break_the_reader);
  RUN(the_writer_writes_what_the_reader_reads);
  RUN(doubles_read_back_the_same);
  RUN(errors_are_cut_on_a_character);
  RUN(an_error_may_be_made_of_the_one_before);
  RUN(schemas_without_their_children_are_refused);
  RUN(batches_are_built_and_read);
  RUN(damaged_offsets_are_refused);
  RUN(streams_end_fail_and_close_once);
  RUN(a_status_becomes_the_errno_that_the_abi_names);
  RUN(a_host_of_any_minor_version_is_accepted);
  return finish_tests();
}
