/* The check `duplicates`, driven through its one exported function as the runner drives it. */
#include "../Sources/siphash.h"
#include "testing.h"

#include <malloc.h>

static const sluice_plugin *plugin;
static const sluice_check_ops *ops;

/* Columns: sluice.ordinal, c0 (utf8), c0.key (utf8), c1 (int64). */
static struct ArrowSchema schema;
static sluice_kit_batch *builder;

static void start_batches(int with_companion) {
  CHECK(sluice_kit_schema_struct(&schema, with_companion ? 4 : 3) == 0);
  int at = 0;
  CHECK(sluice_kit_schema_column(&schema, at++, "sluice.ordinal", "l", 0) == 0);
  CHECK(sluice_kit_schema_column(&schema, at++, "c0", "u", 1) == 0);
  if (with_companion) CHECK(sluice_kit_schema_column(&schema, at++, "c0.key", "u", 1) == 0);
  CHECK(sluice_kit_schema_column(&schema, at++, "c1", "l", 1) == 0);
  builder = sluice_kit_batch_new(&schema);
}

static void end_batches(void) {
  sluice_kit_batch_free(builder);
  sluice_kit_schema_release(&schema);
}

static void text_or_null(int column, const char *text) {
  if (text) {
    CHECK(sluice_kit_batch_bytes(builder, column, text, strlen(text)) == 0);
  } else {
    CHECK(sluice_kit_batch_null(builder, column) == 0);
  }
}

static void row(int64_t ordinal, const char *value, const char *key, int64_t c1) {
  int at = 0;
  CHECK(sluice_kit_batch_int64(builder, at++, ordinal) == 0);
  text_or_null(at++, value);
  if (schema.n_children == 4) text_or_null(at++, key);
  CHECK(sluice_kit_batch_int64(builder, at, c1) == 0);
}

static sluice_instance *begin(const char *params) {
  sluice_instance *instance = NULL;
  sluice_error error = {.struct_size = sizeof error};
  CHECK(plugin->create(sluice_kit_str("{}"), 1, &instance, &error) == SLUICE_OK);
  CHECK(ops->begin(instance, &schema, sluice_kit_str(params), &error) == SLUICE_OK);
  return instance;
}

static void update(sluice_instance *instance) {
  struct ArrowArray batch;
  sluice_error error = {.struct_size = sizeof error};
  CHECK(sluice_kit_batch_finish(builder, &batch) == 0);
  CHECK(ops->update(instance, &batch, &error) == SLUICE_OK);
  CHECK(batch.release == NULL);
}

static char *finish(sluice_instance *instance) {
  sluice_text text = {.struct_size = sizeof text};
  CHECK(ops->finish(instance, SLUICE_FINISH_VERDICT, &text, NULL) == SLUICE_OK);
  return take_text(&text);
}

#define KEY_C0 "{\"columns\":[{\"id\":\"c0\",\"nullable\":false,\"key\":true},{\"id\":\"c1\",\"key\":false}]}"
#define KEY_BOTH "{\"columns\":[{\"id\":\"c0\",\"key\":true},{\"id\":\"c1\",\"key\":true}],\"thresholds\":{}}"
#define NO_KEY "{\"columns\":[{\"id\":\"c0\",\"key\":false},{\"id\":\"c1\"}],\"thresholds\":{\"dup_key_rate_max\":0}}"

static void hash_agrees_with_published_vectors(void) {
  static const struct {
    size_t size;
    const char *hex;
  } vectors[] = {{0, "a3817f04ba25a8e66df67214c7550293"},  {1, "da87c1d86b99af44347659119b22fc45"},
                 {2, "8177228da4a45dc7fca38bdef60affe4"},  {3, "9c70b60c5267a94e5f33b6b02985ed51"},
                 {8, "3b62a9ba6258f5610f83e264f31497b4"},  {15, "5493e99933b0a8117e08ec0f97cfc3d9"},
                 {16, "6ee2a4ca67b054bbfd3315bf85230577"}, {63, "5150d1772f50834a503e069a973fbd7c"}};
  static const uint64_t key[2] = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};
  uint8_t data[64];
  for (int i = 0; i < 64; i++) data[i] = (uint8_t)i;
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
    for (size_t cut = 0; cut <= vectors[i].size; cut++) { /* however it is fed */
      siphash hash;
      uint64_t out[2];
      char hex[33];
      siphash_begin(&hash, key);
      siphash_add(&hash, data, cut);
      siphash_add(&hash, data + cut, vectors[i].size - cut);
      siphash_end(&hash, out);
      for (int b = 0; b < 16; b++) sprintf(hex + 2 * b, "%02x", (unsigned)(out[b / 8] >> (8 * (b % 8)) & 0xFF));
      CHECK_TEXT(hex, vectors[i].hex);
    }
  }
}

static void describes_and_declares_itself(void) {
  sluice_text text = {.struct_size = sizeof text};
  CHECK(plugin->kind == SLUICE_KIND_CHECK);
  CHECK(sluice_kit_str_equal(plugin->id, sluice_kit_str("sluice.check.duplicates")));
  CHECK(plugin->describe(&text, NULL) == SLUICE_OK);
  free(take_text(&text));
  sluice_instance *instance;
  CHECK(plugin->create(sluice_kit_str(""), 1, &instance, NULL) == SLUICE_OK);
  CHECK(ops->declare(instance, &text, NULL) == SLUICE_OK);
  char *declared = take_text(&text);
  CHECK_HAS(declared, "\"companions\":[\"key\"]");
  CHECK_HAS(declared, "\"DUPLICATE_KEY\"");
  free(declared);
  plugin->cancel(instance);
  plugin->destroy(instance);
  CHECK(plugin->create(sluice_kit_str("{\"a\":1}"), 1, &instance, NULL) == SLUICE_DETERMINISTIC_FAILURE);
}

static void later_rows_with_a_known_key_are_duplicates(void) {
  start_batches(1);
  sluice_instance *instance = begin(KEY_C0);
  /* The masked values are all alike: only the companion tells them apart. */
  row(0, "aaa", "k1", 5);
  row(1, "aaa", "k2", 5);
  row(2, "aaa", "k1", 6);
  update(instance);
  row(3, "aaa", "k1", 7);
  row(4, NULL, NULL, 7);
  row(5, NULL, NULL, 7);
  update(instance);
  update(instance); /* an empty batch */
  char *verdict = finish(instance);
  CHECK_TEXT(verdict,
             "{\"rows\":6,\"findings\":[{\"column\":null,\"columns\":[\"c0\"],\"metric\":\"dup_key_rate\","
             "\"value\":0.3333333333333333,\"count\":2,\"reason_code\":\"DUPLICATE_KEY\",\"ordinals\":[2,3]},"
             "{\"column\":null,\"columns\":[\"c0\"],\"metric\":\"null_key_rate\",\"value\":0.3333333333333333,"
             "\"count\":2,\"reason_code\":\"NULL_KEY\",\"ordinals\":[4,5]}]}");
  free(verdict);
  /* begin starts anew. */
  CHECK(ops->begin(instance, &schema, sluice_kit_str(KEY_C0), NULL) == SLUICE_OK);
  verdict = finish(instance);
  CHECK_HAS(verdict, "{\"rows\":0,\"findings\":[");
  CHECK_HAS(verdict, "\"value\":0,\"count\":0");
  free(verdict);
  plugin->destroy(instance);
  end_batches();
}

static void without_a_companion_the_value_counts(void) {
  start_batches(0);
  sluice_instance *instance = begin(KEY_BOTH);
  row(0, "ab", NULL, 1);
  row(1, "ab", NULL, 2);
  row(2, "ab", NULL, 1);
  row(3, "", NULL, 1);
  row(4, NULL, NULL, 1);
  row(5, "", NULL, 1);
  update(instance);
  char *verdict = finish(instance);
  CHECK_HAS(verdict, "\"columns\":[\"c0\",\"c1\"]");
  CHECK_HAS(verdict, "\"count\":2,\"reason_code\":\"DUPLICATE_KEY\",\"ordinals\":[2,5]");
  CHECK_HAS(verdict, "\"count\":1,\"reason_code\":\"NULL_KEY\",\"ordinals\":[4]");
  free(verdict);
  plugin->destroy(instance);
  end_batches();
}

static void the_border_between_two_parts_counts(void) {
  CHECK(sluice_kit_schema_struct(&schema, 3) == 0);
  CHECK(sluice_kit_schema_column(&schema, 0, "sluice.ordinal", "l", 0) == 0);
  CHECK(sluice_kit_schema_column(&schema, 1, "c0", "u", 1) == 0);
  CHECK(sluice_kit_schema_column(&schema, 2, "c1", "z", 1) == 0);
  builder = sluice_kit_batch_new(&schema);
  static const char *const pairs[4][2] = {{"ab", "c"}, {"a", "bc"}, {"", "abc"}, {"abc", ""}};
  for (int i = 0; i < 8; i++) {
    CHECK(sluice_kit_batch_int64(builder, 0, i) == 0);
    text_or_null(1, pairs[i % 4][0]);
    text_or_null(2, pairs[i % 4][1]);
  }
  sluice_instance *instance = begin(KEY_BOTH);
  update(instance);
  char *verdict = finish(instance);
  CHECK_HAS(verdict, "\"value\":0.5,\"count\":4,\"reason_code\":\"DUPLICATE_KEY\",\"ordinals\":[4,5,6,7]");
  free(verdict);
  plugin->destroy(instance);
  end_batches();
}

static void no_key_columns_no_findings(void) {
  start_batches(1);
  sluice_instance *instance = begin(NO_KEY);
  sluice_instance *other = begin(NO_KEY);
  for (int i = 0; i < 200; i++) row(i, "x", "x", 1);
  update(instance);
  for (int i = 200; i < 300; i++) row(i, "x", "x", 1);
  update(other);
  sluice_text state = {.struct_size = sizeof state};
  CHECK(ops->finish(other, SLUICE_FINISH_STATE, &state, NULL) == SLUICE_OK);
  sluice_bytes bytes = {(const uint8_t *)state.data, state.size};
  CHECK(ops->merge(instance, bytes, NULL) == SLUICE_OK);
  state.release(&state);
  char *verdict = finish(instance);
  CHECK_TEXT(verdict, "{\"rows\":300,\"findings\":[]}");
  free(verdict);
  plugin->destroy(instance);
  plugin->destroy(other);
  end_batches();
}

static void slices_are_read_from_their_offset(void) {
  start_batches(1);
  sluice_instance *instance = begin(KEY_C0);
  for (int i = 0; i < 20; i++) row(i, "x", i % 2 ? "odd" : "even", 1);
  struct ArrowArray batch;
  CHECK(sluice_kit_batch_finish(builder, &batch) == 0);
  batch.offset = 17;
  batch.length = 3;
  CHECK(ops->update(instance, &batch, NULL) == SLUICE_OK);
  char *verdict = finish(instance);
  CHECK_HAS(verdict, "{\"rows\":3,");
  CHECK_HAS(verdict, "\"ordinals\":[19]");
  free(verdict);
  plugin->destroy(instance);
  end_batches();
}

/* 900 rows over 3 instances in some order; the verdict of all merges must be the verdict of one instance. */
static void merge_order_changes_nothing(void) {
  static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  start_batches(1);
  sluice_instance *parts[3];
  sluice_instance *whole = begin(KEY_C0);
  sluice_text states[3];
  for (int p = 0; p < 4; p++) {
    sluice_instance *instance = p < 3 ? (parts[p] = begin(KEY_C0)) : whole;
    for (int64_t i = 899; i >= 0; i--) { /* backwards, and parts interleaved */
      char key[16];
      snprintf(key, sizeof key, "k%d", (int)(i * 7919 % 311));
      if (p == 3 || i % 3 == p) row(i, "x", i % 50 == 0 ? NULL : key, 0);
    }
    update(instance);
    if (p < 3) states[p] = (sluice_text){.struct_size = sizeof *states};
    if (p < 3) CHECK(ops->finish(instance, SLUICE_FINISH_STATE, &states[p], NULL) == SLUICE_OK);
  }
  char *wanted = finish(whole);
  char *first_state = NULL;
  uint64_t first_size = 0;
  for (int o = 0; o < 6; o++) {
    sluice_instance *merged = begin(KEY_C0);
    for (int p = 0; p < 3; p++) {
      sluice_bytes bytes = {(const uint8_t *)states[orders[o][p]].data, states[orders[o][p]].size};
      CHECK(ops->merge(merged, bytes, NULL) == SLUICE_OK);
    }
    char *verdict = finish(merged);
    CHECK_TEXT(verdict, wanted);
    free(verdict);
    sluice_text state = {.struct_size = sizeof state};
    CHECK(ops->finish(merged, SLUICE_FINISH_STATE, &state, NULL) == SLUICE_OK);
    uint64_t size = state.size;
    char *copy = take_text(&state);
    if (first_state) {
      CHECK(size == first_size && memcmp(copy, first_state, size) == 0);
      free(copy);
    } else {
      first_state = copy;
      first_size = size;
    }
    plugin->destroy(merged);
  }
  free(first_state);
  free(wanted);
  for (int p = 0; p < 3; p++) {
    states[p].release(&states[p]);
    plugin->destroy(parts[p]);
  }
  plugin->destroy(whole);
  end_batches();
}

static void damaged_states_are_refused_and_change_nothing(void) {
  start_batches(1);
  sluice_instance *instance = begin(KEY_C0);
  for (int64_t i = 0; i < 50; i++) row(i, "x", i % 3 ? "a" : "b", 0);
  update(instance);
  sluice_text state = {.struct_size = sizeof state};
  CHECK(ops->finish(instance, SLUICE_FINISH_STATE, &state, NULL) == SLUICE_OK);
  char *before = finish(instance);
  uint8_t *copy = malloc(state.size);
  for (uint64_t seed = 1; seed <= 5000; seed++) {
    uint64_t random = seed;
    memcpy(copy, state.data, state.size);
    uint64_t size = seed % 4 == 0 ? next_random(&random) % state.size : state.size;
    copy[next_random(&random) % state.size] ^= (uint8_t)(1 + next_random(&random) % 255);
    uint8_t *exact = malloc(size ? size : 1);
    memcpy(exact, copy, size);
    sluice_bytes bytes = {exact, size};
    if (ops->merge(instance, bytes, NULL) != SLUICE_DETERMINISTIC_FAILURE) {
      fprintf(stderr, "  seed %d\n", (int)seed);
      CHECK(!"a damaged state was taken");
    }
    free(exact);
  }
  free(copy);
  char *after = finish(instance);
  CHECK_TEXT(after, before);
  /* A state of another key. */
  sluice_instance *other = begin(KEY_BOTH);
  sluice_bytes bytes = {(const uint8_t *)state.data, state.size};
  CHECK(ops->merge(other, bytes, NULL) == SLUICE_DETERMINISTIC_FAILURE);
  plugin->destroy(other);
  state.release(&state);
  free(before);
  free(after);
  plugin->destroy(instance);
  end_batches();
}

static void bad_input_is_an_error(void) {
  start_batches(1);
  sluice_instance *instance;
  sluice_text text = {.struct_size = sizeof text};
  CHECK(plugin->create(sluice_kit_str("{}"), 1, &instance, NULL) == SLUICE_OK);
  CHECK(ops->finish(instance, SLUICE_FINISH_VERDICT, &text, NULL) == SLUICE_DETERMINISTIC_FAILURE);
  static const char *const bad[] = {"", "[]", "{}", "{\"columns\":[{\"id\":\"c9\",\"key\":true}]}",
                                    "{\"columns\":[{\"key\":true}]}", "{\"columns\":[{\"id\":\"c0\",\"key\":1}]}"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    CHECK(ops->begin(instance, &schema, sluice_kit_str(bad[i]), NULL) == SLUICE_DETERMINISTIC_FAILURE);
  }
  CHECK(ops->begin(instance, &schema, sluice_kit_str(KEY_C0), NULL) == SLUICE_OK);
  row(-1, "x", "x", 1);
  struct ArrowArray batch;
  CHECK(sluice_kit_batch_finish(builder, &batch) == 0);
  CHECK(ops->update(instance, &batch, NULL) == SLUICE_DETERMINISTIC_FAILURE && batch.release == NULL);
  CHECK(ops->finish(instance, 7, &text, NULL) == SLUICE_DETERMINISTIC_FAILURE);
  fake.cancelled = 1;
  row(1, "x", "x", 1);
  CHECK(sluice_kit_batch_finish(builder, &batch) == 0);
  sluice_error error = {.struct_size = sizeof error};
  CHECK(ops->update(instance, &batch, &error) == SLUICE_TIMEOUT && error.retryable == 1);
  sluice_kit_error_clear(&error);
  fake.cancelled = 0;
  plugin->destroy(instance);
  end_batches();
}

static void a_million_rows_are_counted_exactly(void) {
  start_batches(1);
#if defined(__SANITIZE_ADDRESS__)
  size_t before = 0;
#else
  struct mallinfo2 before_info = mallinfo2();
  size_t before = before_info.uordblks + before_info.hblkhd;
#endif
  sluice_instance *instance = begin(KEY_C0);
  for (int64_t i = 0; i < 1000000; i++) {
    char key[32];
    /* The last ten rows repeat the first ten. */
    snprintf(key, sizeof key, "pseudonym-%d", (int)(i >= 999990 ? i - 999990 : i));
    row(i, "x", key, 0);
    if (i % 16384 == 16383) update(instance);
  }
  update(instance);
#if !defined(__SANITIZE_ADDRESS__)
  struct mallinfo2 info = mallinfo2();
  size_t used = info.uordblks + info.hblkhd - before;
  fprintf(stderr, "  1,000,000 rows hold %zu bytes\n", used);
  CHECK(used < 64u * 1000 * 1000);
#else
  (void)before;
#endif
  char *verdict = finish(instance);
  CHECK_HAS(verdict, "{\"rows\":1000000,");
  CHECK_HAS(verdict, "\"count\":10,\"reason_code\":\"DUPLICATE_KEY\",\"ordinals\":[999990,999991,999992,999993,999994,"
                     "999995,999996,999997,999998,999999]");
  free(verdict);
  plugin->destroy(instance);
  end_batches();
}

static void at_most_a_hundred_ordinals_the_lowest(void) {
  start_batches(1);
  sluice_instance *instance = begin(KEY_C0);
  for (int64_t i = 999; i >= 0; i--) row(i, "x", "same", 0);
  update(instance);
  char *verdict = finish(instance);
  CHECK_HAS(verdict, "\"count\":999,\"reason_code\":\"DUPLICATE_KEY\",\"ordinals\":[1,2,3,");
  CHECK_HAS(verdict, ",99,100]");
  free(verdict);
  plugin->destroy(instance);
  end_batches();
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  plugin = load_plugin(argv[1]);
  if (!plugin) return 2;
  ops = plugin->ops;
  RUN(hash_agrees_with_published_vectors);
  RUN(describes_and_declares_itself);
  RUN(later_rows_with_a_known_key_are_duplicates);
  RUN(without_a_companion_the_value_counts);
  RUN(the_border_between_two_parts_counts);
  RUN(no_key_columns_no_findings);
  RUN(slices_are_read_from_their_offset);
  RUN(merge_order_changes_nothing);
  RUN(damaged_states_are_refused_and_change_nothing);
  RUN(bad_input_is_an_error);
  RUN(a_million_rows_are_counted_exactly);
  RUN(at_most_a_hundred_ordinals_the_lowest);
  return finish_tests();
}
