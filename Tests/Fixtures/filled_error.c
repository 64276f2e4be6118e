/* A connector that fills its error although the call succeeds, describes itself by the longest text there may be, and
 * makes a schema that is refused. Its inventory says how many errors were released. */
#include "fixture.h"

#include <stdio.h>

#define LONGEST (1u << 20)

static int released;

static void release_error(sluice_error *self) {
  released++;
  self->release = NULL;
}

static void fill(sluice_error *error) {
  static const char words[] = "nothing is wrong";
  error->message.data = words;
  error->message.size = sizeof words - 1;
  error->release = release_error;
}

static sluice_status describe(sluice_text *out, sluice_error *error) {
  static const char head[] = "{\"summary\":\"";
  char *text = malloc(LONGEST + 1);
  if (!text)
    return fixture_fail(error, SLUICE_TRANSIENT_ERROR, "out of memory");
  memset(text, 'x', LONGEST);
  memcpy(text, head, sizeof head - 1);
  memcpy(text + LONGEST - 2, "\"}", 3);
  sluice_status status = fixture_text(out, text);
  free(text);
  fill(error);
  return status;
}

static sluice_status inventory(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  char text[16];
  (void)instance, (void)error;
  snprintf(text, sizeof text, "%d", released);
  return fixture_text(out, text);
}

static sluice_status schema(sluice_instance *instance, sluice_str name, struct ArrowSchema *out, sluice_text *details,
                            sluice_error *error) {
  (void)instance, (void)name, (void)out;
  fill(error);
  return fixture_text(details, "{}"); /* and no schema at all */
}

static const sluice_connector_ops ops = {sizeof ops, 0, inventory, schema, NULL, NULL};
FIXTURE_PLUGIN(SLUICE_KIND_CONNECTOR, "fixture.filled_error", describe, ops);

FIXTURE_ENTRY
