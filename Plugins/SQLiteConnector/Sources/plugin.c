/* The connector's table: what the host calls. */
#include "connector.h"

#include <stdlib.h>
#include <string.h>

sluice_host connector_host;

static sluice_status describe(sluice_text *out, sluice_error *error) {
  sluice_kit_writer writer = {0};
  sluice_kit_begin_object(&writer);
  sluice_kit_key(&writer, "summary");
  sluice_kit_cstring(&writer, "Reads the tables of an SQLite database file.");
  sluice_kit_key(&writer, "formats");
  sluice_kit_begin_array(&writer);
  sluice_kit_cstring(&writer, "sqlite");
  sluice_kit_end_array(&writer);
  sluice_kit_key(&writer, "library");
  sluice_kit_cstring(&writer, sqlite3_libversion());
  sluice_kit_end_object(&writer);
  return sluice_kit_writer_finish(&writer, out, error);
}

static sluice_status read_config(sluice_instance *self, const sluice_kit_value *config, sluice_error *error) {
  if (config->type != SLUICE_KIT_OBJECT) {
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "The configuration must be a JSON object.");
  }
  for (const sluice_kit_value *member = config->first; member; member = member->next) {
    if (!sluice_kit_str_equal(member->key, sluice_kit_str("mode"))) {
      return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                             "The configuration has an unknown key at /%.*s: only /mode is known.",
                             SLUICE_KIT_ARG(member->key));
    }
    int metadata = sluice_kit_str_equal(member->text, sluice_kit_str("metadata_only"));
    if (!metadata && !sluice_kit_str_equal(member->text, sluice_kit_str("data_mode"))) {
      return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                             "The configuration's /mode must be \"metadata_only\" or \"data_mode\".");
    }
    self->metadata_only = metadata;
  }
  return SLUICE_OK;
}

static sluice_status create(sluice_str config_json, sluice_handle context, sluice_instance **out,
                            sluice_error *error) {
  *out = NULL;
  sluice_instance *self = calloc(1, sizeof *self);
  if (!self) return sluice_kit_fail_memory(error);
  self->context = context;
  self->references = 1;
  self->sequential = UINT64_MAX; /* nothing was read, so nothing follows it */
  atomic_init(&self->cancelled, 0);
  sluice_status status = SLUICE_OK;
  if (config_json.size > 0) {
    sluice_kit_json *json = NULL;
    status = sluice_kit_json_parse(config_json, &json, error);
    if (status == SLUICE_OK) status = read_config(self, sluice_kit_json_root(json), error);
    sluice_kit_json_free(json);
  }
  if (status != SLUICE_OK) {
    instance_release(self);
    return status;
  }
  *out = self;
  return SLUICE_OK;
}

void instance_retain(sluice_instance *self) { self->references++; }

void instance_release(sluice_instance *self) {
  if (--self->references > 0) return;
  catalog_free(self);
  database_close(self);
  vfs_unregister(self);
  free(self);
}

static void destroy(sluice_instance *self) { instance_release(self); }

static void cancel(sluice_instance *self) { atomic_store_explicit(&self->cancelled, 1, memory_order_relaxed); }

static sluice_status inventory(sluice_instance *self, sluice_text *out, sluice_error *error) {
  sluice_status status = database_open(self, error);
  return status == SLUICE_OK ? catalog_inventory(self, out, error) : status;
}

static sluice_status schema(sluice_instance *self, sluice_str name, struct ArrowSchema *out, sluice_text *details,
                            sluice_error *error) {
  memset(out, 0, sizeof *out);
  sluice_status status = database_open(self, error);
  if (status != SLUICE_OK) return status;
  source_table *table;
  status = catalog_table(self, name, &table, error);
  if (status == SLUICE_OK) status = types_decide(self, table, error);
  if (status == SLUICE_OK && types_schema(table, NULL, table->n, out)) status = sluice_kit_fail_memory(error);
  if (status == SLUICE_OK) status = catalog_details(self, table, details, error);
  if (status != SLUICE_OK) sluice_kit_schema_release(out);
  return status;
}

static sluice_status refuse_rows(sluice_instance *self, sluice_error *error) {
  if (!self->metadata_only) return SLUICE_OK;
  return sluice_kit_fail(error, SLUICE_POLICY_BLOCK,
                         "Rows are not read under metadata_only: run in data_mode to read them.");
}

static sluice_status split(sluice_instance *self, sluice_str name, uint32_t parts, sluice_text *out,
                           sluice_error *error) {
  sluice_status status = refuse_rows(self, error);
  if (status == SLUICE_OK) status = database_open(self, error);
  source_table *table = NULL;
  if (status == SLUICE_OK) status = catalog_table(self, name, &table, error);
  return status == SLUICE_OK ? scan_split(self, table, parts, out, error) : status;
}

static sluice_status scan(sluice_instance *self, sluice_str request_json, struct ArrowArrayStream *out,
                          sluice_error *error) {
  memset(out, 0, sizeof *out);
  sluice_status status = refuse_rows(self, error);
  if (status == SLUICE_OK) status = database_open(self, error);
  return status == SLUICE_OK ? scan_open(self, request_json, out, error) : status;
}

SLUICE_KIT_CONNECTOR(plugin, "sluice.connector.sqlite", "0.1.0", describe, create, destroy, cancel, inventory, schema, split,
                     scan);
SLUICE_KIT_ENTRY(plugin, connector_host)
