/* Writes to standard error in its first call, much and what nobody should see, and aborts. A check; with -DAS_PROVIDER or
 * -DAS_CONNECTOR the other kinds. */
#include "fixture.h"

#include <unistd.h>

static void die(void) {
  static const char line[] = "card 4111111111111111 of ann@example.org \033[31mred\n";
  char noise[8192];
  memset(noise, 'n', sizeof noise);
  ssize_t put = write(2, noise, sizeof noise);
  put += write(2, line, sizeof line - 1);
  (void)put;
  abort();
}

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"is loud and aborts\"}");
}

#if defined(AS_PROVIDER)

static sluice_status infer(sluice_instance *instance, sluice_str request, sluice_text *out, sluice_error *error) {
  (void)instance, (void)request, (void)out, (void)error;
  die();
  return SLUICE_OK;
}

static sluice_status embed(sluice_instance *instance, sluice_str request, sluice_floats *out, sluice_error *error) {
  (void)instance, (void)request, (void)out, (void)error;
  die();
  return SLUICE_OK;
}

static sluice_status token_estimate(sluice_instance *instance, sluice_str model, sluice_str text, uint64_t *tokens,
                                    sluice_error *error) {
  (void)instance, (void)model, (void)text, (void)tokens, (void)error;
  die();
  return SLUICE_OK;
}

static sluice_status health(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance, (void)out, (void)error;
  die();
  return SLUICE_OK;
}

static const sluice_provider_ops ops = {sizeof ops, 0, infer, embed, token_estimate, health, NULL, NULL};
FIXTURE_PLUGIN(SLUICE_KIND_PROVIDER, "fixture.loud_abort", describe, ops);

#elif defined(AS_CONNECTOR)

static sluice_status inventory(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance, (void)out, (void)error;
  die();
  return SLUICE_OK;
}

static sluice_status schema(sluice_instance *instance, sluice_str name, struct ArrowSchema *out, sluice_text *details,
                            sluice_error *error) {
  (void)instance, (void)name, (void)out, (void)details, (void)error;
  die();
  return SLUICE_OK;
}

static const sluice_connector_ops ops = {sizeof ops, 0, inventory, schema, NULL, NULL};
FIXTURE_PLUGIN(SLUICE_KIND_CONNECTOR, "fixture.loud_abort", describe, ops);

#else

static sluice_status declare(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance, (void)out, (void)error;
  die();
  return SLUICE_OK;
}

static sluice_status update(sluice_instance *instance, struct ArrowArray *batch, sluice_error *error) {
  (void)instance, (void)batch, (void)error;
  die();
  return SLUICE_OK;
}

static sluice_status merge(sluice_instance *instance, sluice_bytes state, sluice_error *error) {
  (void)instance, (void)state, (void)error;
  die();
  return SLUICE_OK;
}

static sluice_status finish(sluice_instance *instance, int32_t mode, sluice_text *out, sluice_error *error) {
  (void)instance, (void)mode, (void)out, (void)error;
  die();
  return SLUICE_OK;
}

static const sluice_check_ops ops = {sizeof ops, 0, declare, fixture_begin, update, merge, finish};
FIXTURE_PLUGIN(SLUICE_KIND_CHECK, "fixture.loud_abort", describe, ops);

#endif

FIXTURE_ENTRY
