/* The guarded tables: wrong arguments never reach the author's functions, right ones do. */
#include "testing.h"

/* The author's functions use all that they get, so that a NULL which came through would end the program. */
struct sluice_instance { int calls; };
static sluice_host host;
static int calls, cancels;
static sluice_error *seen;

static sluice_status text_answer(sluice_instance *self, sluice_text *out, sluice_error *error) {
  calls += 1 + self->calls * 0;
  seen = error;
  error->reserved = 0;
  return sluice_kit_text_copy(out, "{}", 2, error);
}
static sluice_status describe(sluice_text *out, sluice_error *error) {
  sluice_instance none = {0};
  return text_answer(&none, out, error);
}
static sluice_status create(sluice_str config, sluice_handle context, sluice_instance **out, sluice_error *error) {
  calls++;
  if (config.size == 1) return sluice_kit_fail(error, SLUICE_QUOTA_EXHAUSTED, "no room for %d", (int)context);
  *out = calloc(1, sizeof **out);
  return SLUICE_OK;
}
static void destroy(sluice_instance *self) {
  self->calls = 0;
  free(self);
}
static void cancel(sluice_instance *self) { cancels += 1 + self->calls * 0; }
static uint64_t sum(const void *data, uint64_t size) {
  uint64_t total = 0;
  for (uint64_t i = 0; i < size; i++) total += ((const uint8_t *)data)[i];
  return total;
}
static sluice_status begin(sluice_instance *self, const struct ArrowSchema *schema, sluice_str params, sluice_error *error) {
  (void)error;
  calls++;
  self->calls += (int)schema->n_children + (int)sum(params.data, params.size);
  return SLUICE_OK;
}
static sluice_status update(sluice_instance *self, struct ArrowArray *batch, sluice_error *error) {
  (void)error;
  calls++;
  self->calls += (int)batch->length;
  sluice_kit_array_release(batch);
  return SLUICE_OK;
}
static sluice_status merge(sluice_instance *self, sluice_bytes state, sluice_error *error) {
  (void)error;
  calls++;
  self->calls += (int)sum(state.data, state.size);
  return SLUICE_OK;
}
static sluice_status finish(sluice_instance *self, int32_t mode, sluice_text *out, sluice_error *error) {
  CHECK(mode == 0 || mode == 1);
  return text_answer(self, out, error);
}
static sluice_status schema_of(sluice_instance *self, sluice_str table, struct ArrowSchema *out, sluice_text *details,
                               sluice_error *error) {
  self->calls += (int)sum(table.data, table.size);
  if (sluice_kit_schema_struct(out, 0)) return sluice_kit_fail_memory(error);
  return text_answer(self, details, error);
}
static sluice_status split(sluice_instance *self, sluice_str table, uint32_t parts, sluice_text *out, sluice_error *error) {
  self->calls += (int)parts + (int)sum(table.data, table.size);
  return text_answer(self, out, error);
}
static sluice_status scan(sluice_instance *self, sluice_str request, struct ArrowArrayStream *out, sluice_error *error) {
  (void)error;
  calls++;
  self->calls += (int)sum(request.data, request.size);
  memset(out, 0, sizeof *out);
  return SLUICE_OK;
}
static sluice_status infer(sluice_instance *self, sluice_str request, sluice_text *out, sluice_error *error) {
  self->calls += (int)sum(request.data, request.size);
  return text_answer(self, out, error);
}
static sluice_status embed(sluice_instance *self, sluice_str request, sluice_floats *out, sluice_error *error) {
  (void)error;
  calls++;
  self->calls += (int)sum(request.data, request.size);
  out->rows = 0;
  return SLUICE_OK;
}
static sluice_status tokens_of(sluice_instance *self, sluice_str model, sluice_str text, uint64_t *tokens,
                               sluice_error *error) {
  (void)error;
  calls++;
  self->calls += (int)sum(model.data, model.size);
  *tokens = text.size;
  return SLUICE_OK;
}

SLUICE_KIT_CHECK(check, "kit.check", "1.0.0", describe, create, destroy, cancel, text_answer, begin, update, merge, finish);
SLUICE_KIT_CONNECTOR(connector, "kit.connector", "1.0.0", describe, create, destroy, cancel, text_answer, schema_of, split, scan);
SLUICE_KIT_INFER(provider, infer)
SLUICE_KIT_EMBED(provider, embed)
SLUICE_KIT_TOKEN_ESTIMATE(provider, tokens_of)
SLUICE_KIT_SUBMIT(provider, infer)
SLUICE_KIT_POLL(provider, infer)
SLUICE_KIT_BATCH_PROVIDER(provider, "kit.provider", "1.0.0", describe, create, destroy, cancel, provider_infer_,
                          provider_embed_, provider_token_estimate_, text_answer, provider_submit_, provider_poll_);
SLUICE_KIT_PROVIDER(plain, "kit.plain", "1.0.0", describe, create, destroy, cancel, NULL, NULL, NULL, text_answer);
SLUICE_KIT_ENTRY(check, host)

static const sluice_str good = {"{}", 2}, no_data = {NULL, 1}, too_long = {(const char *)16, SLUICE_TEXT_MAX + 1};
static const sluice_bytes no_bytes = {NULL, 1}, too_many = {(const uint8_t *)16, UINT64_MAX};

/* CALL fails without reaching the author: with an error, without one, and with one that is too short. */
#define REFUSED(CALL)                                                                                                  \
  do {                                                                                                                 \
    int before = calls;                                                                                                \
    sluice_error whole = {.struct_size = sizeof whole}, tight = {.struct_size = 8}, *error = &whole;                   \
    CHECK((CALL) == SLUICE_DETERMINISTIC_FAILURE && whole.code == SLUICE_DETERMINISTIC_FAILURE && whole.message.size);  \
    CHECK(whole.struct_size == sizeof whole);                                                                          \
    sluice_kit_error_clear(&whole);                                                                                    \
    CHECK(whole.release == NULL);                                                                                      \
    error = NULL;                                                                                                      \
    CHECK((CALL) == SLUICE_DETERMINISTIC_FAILURE);                                                                     \
    error = &tight;                                                                                                    \
    CHECK((CALL) == SLUICE_DETERMINISTIC_FAILURE && tight.code == 0 && tight.release == NULL);                          \
    CHECK(calls == before);                                                                                            \
  } while (0)

static sluice_instance *made(const sluice_plugin *plugin) {
  sluice_instance *instance = NULL;
  CHECK(plugin->create(good, 1, &instance, NULL) == SLUICE_OK && instance);
  return instance;
}

static void tables_refuse_what_the_rules_forbid(void) {
  const sluice_plugin *plugins[] = {&check, &connector, &provider};
  sluice_text small = {.struct_size = SLUICE_TEXT_SIZE_V1 - 1};
  sluice_instance *out = (sluice_instance *)16;
  for (int i = 0; i < 3; i++) {
    REFUSED(plugins[i]->describe(NULL, error));
    REFUSED(plugins[i]->describe(&small, error));
    REFUSED(plugins[i]->create(good, 1, NULL, error));
    REFUSED(plugins[i]->create(no_data, 1, &out, error));
    REFUSED(plugins[i]->create(too_long, 1, &out, error));
    CHECK(out == (sluice_instance *)16);
    plugins[i]->destroy(NULL);
    plugins[i]->cancel(NULL);
  }
  CHECK(cancels == 0 && small.release == NULL);
}

static void a_check_refuses_what_the_rules_forbid(void) {
  sluice_instance *one = made(&check);
  const sluice_check_ops *ops = check.ops;
  sluice_text out = {.struct_size = sizeof out}, small = {.struct_size = 8};
  struct ArrowSchema schema, gone = {0};
  struct ArrowArray released = {0};
  CHECK(sluice_kit_schema_struct(&schema, 0) == 0);
  REFUSED(ops->declare(NULL, &out, error));
  REFUSED(ops->declare(one, NULL, error));
  REFUSED(ops->declare(one, &small, error));
  REFUSED(ops->begin(NULL, &schema, good, error));
  REFUSED(ops->begin(one, NULL, good, error));
  REFUSED(ops->begin(one, &gone, good, error));
  REFUSED(ops->begin(one, &schema, no_data, error));
  REFUSED(ops->begin(one, &schema, too_long, error));
  REFUSED(ops->update(one, NULL, error));
  REFUSED(ops->update(one, &released, error));
  REFUSED(ops->merge(NULL, (sluice_bytes){0}, error));
  REFUSED(ops->merge(one, no_bytes, error));
  REFUSED(ops->merge(one, too_many, error));
  REFUSED(ops->finish(one, 2, &out, error));
  REFUSED(ops->finish(one, INT32_MIN, &out, error));
  REFUSED(ops->finish(one, 0, NULL, error));
  REFUSED(ops->finish(NULL, 0, &out, error));
  sluice_kit_batch *builder = sluice_kit_batch_new(&schema);
  struct ArrowArray batch;
  CHECK(sluice_kit_batch_finish(builder, &batch) == 0);
  REFUSED(ops->update(NULL, &batch, error));
  CHECK(batch.release != NULL); /* a refused batch stays the caller's */
  CHECK(ops->begin(one, &schema, (sluice_str){0}, NULL) == SLUICE_OK);
  CHECK(ops->update(one, &batch, NULL) == SLUICE_OK && batch.release == NULL);
  CHECK(ops->merge(one, (sluice_bytes){0}, NULL) == SLUICE_OK);
  CHECK(out.release == NULL && ops->finish(one, 1, &out, NULL) == SLUICE_OK);
  sluice_text moved = out;
  moved.release(&moved);
  CHECK(moved.release == NULL);
  sluice_kit_batch_free(builder);
  sluice_kit_schema_release(&schema);
  check.destroy(one);
}

static void a_connector_refuses_what_the_rules_forbid(void) {
  sluice_instance *one = made(&connector);
  const sluice_connector_ops *ops = connector.ops;
  sluice_text out = {.struct_size = sizeof out}, small = {.struct_size = 8};
  struct ArrowSchema schema;
  struct ArrowArrayStream stream;
  memset(&schema, 0xAB, sizeof schema);
  REFUSED(ops->inventory(NULL, &out, error));
  REFUSED(ops->inventory(one, &small, error));
  REFUSED(ops->schema(one, no_data, &schema, &out, error));
  REFUSED(ops->schema(one, good, NULL, &out, error));
  REFUSED(ops->schema(one, good, &schema, NULL, error));
  REFUSED(ops->schema(one, good, &schema, &small, error));
  CHECK(schema.n_children == (int64_t)0xABABABABABABABAB);
  REFUSED(ops->split(one, too_long, 1, &out, error));
  REFUSED(ops->split(NULL, good, 1, &out, error));
  REFUSED(ops->split(one, good, 1, NULL, error));
  REFUSED(ops->scan(one, no_data, &stream, error));
  REFUSED(ops->scan(one, good, NULL, error));
  REFUSED(ops->scan(NULL, good, &stream, error));
  CHECK(ops->schema(one, (sluice_str){0}, &schema, &out, NULL) == SLUICE_OK);
  sluice_kit_schema_release(&schema);
  out.release(&out);
  connector.destroy(one);
}

static void a_provider_refuses_what_the_rules_forbid(void) {
  sluice_instance *one = made(&provider);
  const sluice_provider_ops *ops = provider.ops;
  sluice_text out = {.struct_size = sizeof out}, small = {.struct_size = 8};
  sluice_floats floats = {.struct_size = sizeof floats}, short_floats = {.struct_size = 8};
  uint64_t tokens = 0;
  REFUSED(ops->infer(one, no_data, &out, error));
  REFUSED(ops->infer(one, good, &small, error));
  REFUSED(ops->embed(one, too_long, &floats, error));
  REFUSED(ops->embed(one, good, NULL, error));
  REFUSED(ops->embed(one, good, &short_floats, error));
  REFUSED(ops->embed(NULL, good, &floats, error));
  REFUSED(ops->token_estimate(one, no_data, good, &tokens, error));
  REFUSED(ops->token_estimate(one, good, too_long, &tokens, error));
  REFUSED(ops->token_estimate(one, good, good, NULL, error));
  REFUSED(ops->health(NULL, &out, error));
  CHECK(ops->token_estimate(one, (sluice_str){0}, good, &tokens, NULL) == SLUICE_OK && tokens == 2);
  REFUSED(ops->submit(one, no_data, &out, error));
  REFUSED(ops->submit(one, good, &small, error));
  REFUSED(ops->poll(one, too_long, &out, error));
  REFUSED(ops->poll(NULL, good, &out, error));
  CHECK(ops->poll(one, good, &out, NULL) == SLUICE_OK);
  out.release(&out);
  ops = plain.ops;
  CHECK(ops->submit == NULL && ops->poll == NULL && ops->infer == NULL && ops->health != NULL);
  provider.destroy(one);
}

static void a_larger_output_keeps_what_lies_behind_the_known_part(void) {
  struct { sluice_text text; uint64_t later; } out = {{.struct_size = sizeof out}, 42};
  struct { sluice_error error; uint64_t later; } error = {{.struct_size = sizeof error}, 43};
  CHECK(check.describe(&out.text, &error.error) == SLUICE_OK);
  CHECK(seen == &error.error && out.later == 42 && out.text.struct_size == sizeof out);
  out.text.release(&out.text);
  sluice_instance *instance = NULL;
  CHECK(check.create((sluice_str){"x", 1}, 7, &instance, &error.error) == SLUICE_QUOTA_EXHAUSTED);
  CHECK(error.later == 43 && error.error.struct_size == sizeof error && error.error.message.size == 13);
  sluice_kit_error_clear(&error.error);
  /* Without a place of the caller's the author still has one to fill. */
  CHECK(check.create((sluice_str){"x", 1}, 7, &instance, NULL) == SLUICE_QUOTA_EXHAUSTED);
}

static void a_service_that_the_host_lacks_is_named(void) {
  sluice_host table = {.struct_size = sizeof table};
  sluice_host_info info = {.struct_size = sizeof info, .abi_major = SLUICE_ABI_MAJOR, .host = &table};
  CHECK(sluice_plugin_entry(&info) == &check && sluice_plugin_entry(&info) == &check);
  CHECK(sluice_plugin_entry(NULL) == NULL);
  sluice_error error = {.struct_size = sizeof error};
  uint64_t number = 9;
  sluice_bytes bytes;
  sluice_text response, body;
  CHECK(sluice_kit_read_at(&host, 1, 0, 0, &number, 8, &number, &error) == SLUICE_POLICY_BLOCK && number == 0);
  CHECK(sluice_kit_stream_size(&host, 1, 0, &number, &error) == SLUICE_POLICY_BLOCK);
  CHECK(sluice_kit_resource(&host, 1, good, &bytes, &error) == SLUICE_POLICY_BLOCK);
  CHECK(sluice_kit_http(&host, 1, good, (sluice_bytes){0}, &response, &body, &error) == SLUICE_POLICY_BLOCK);
  CHECK_HAS(error.message.data, "http");
  CHECK(sluice_kit_cancelled(&host, 1) == 0 && sluice_kit_extension(&host, "org.name/1") == NULL);
  sluice_kit_log(&host, 1, SLUICE_LOG_INFO, "nobody hears this");
  sluice_kit_error_clear(&error);
}

int main(void) {
  RUN(tables_refuse_what_the_rules_forbid);
  RUN(a_check_refuses_what_the_rules_forbid);
  RUN(a_connector_refuses_what_the_rules_forbid);
  RUN(a_provider_refuses_what_the_rules_forbid);
  RUN(a_larger_output_keeps_what_lies_behind_the_known_part);
  RUN(a_service_that_the_host_lacks_is_named);
  return finish_tests();
}
