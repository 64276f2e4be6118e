/* Opening the source as a database that can only be read, and saying what went wrong without saying what is in it. */
#include "connector.h"

#include <stdio.h>
#include <string.h>

#define HEADER_SIZE 100u
#define CELL_MAX (256 * 1024 * 1024)
#define STEPS_BETWEEN_LOOKS 20000

int database_stopped(sluice_instance *self) {
  if (atomic_load_explicit(&self->cancelled, memory_order_relaxed)) return 1;
  return connector_host.cancelled && connector_host.cancelled(self->context);
}

static int on_progress(void *context) { return database_stopped(context); }

/* Belt and braces: the connector builds every statement itself, yet a view's or a generated column's text is the
 * source's. Nothing but reading is allowed. */
static int authorize(void *context, int action, const char *first, const char *second, const char *schema,
                     const char *trigger) {
  static const char *const pragmas[] = {"encoding",    "page_size",        "user_version", "table_list",
                                        "table_xinfo", "foreign_key_list", NULL};
  (void)context, (void)schema, (void)trigger;
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
      return SQLITE_OK;
    case SQLITE_FUNCTION:
      return second && sqlite3_stricmp(second, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA:
      for (int i = 0; first && pragmas[i]; i++) {
        if (sqlite3_stricmp(first, pragmas[i]) == 0) return SQLITE_OK;
      }
      return SQLITE_DENY;
    default:
      return SQLITE_DENY;
  }
}

static uint32_t big_endian(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* What SQLite would say only later, or less plainly. */
static sluice_status check_header(sluice_instance *self, sluice_error *error) {
  uint8_t header[HEADER_SIZE];
  uint64_t got = 0;
  if (self->size == 0) {
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                           "The file is empty, so it holds no SQLite database: name the right file.");
  }
  int result = vfs_read(self, 0, header, sizeof header, &got);
  if (result != SQLITE_OK) return database_fail(self, result, "reading the header", error);
  if (got < sizeof header || memcmp(header, "SQLite format 3", 16) != 0) {
    return database_fail(self, SQLITE_NOTADB, "reading the header", error);
  }
  uint64_t page = (uint64_t)header[16] << 8 | header[17];
  if (page == 1) page = 65536;
  if (page < 512 || page > 65536 || (page & (page - 1)) != 0) {
    return database_fail(self, SQLITE_CORRUPT, "reading the page size", error);
  }
  /* The page count in the header counts only when the version that wrote it is the file's own. */
  uint64_t pages = big_endian(header + 28);
  int counted = pages > 0 && memcmp(header + 24, header + 92, 4) == 0;
  if (counted && pages * page > self->size) {
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                           "The SQLite file is cut short: its header speaks of %llu bytes, there are %llu. Copy the file "
                           "again, while nothing writes to it.",
                           (unsigned long long)(pages * page), (unsigned long long)self->size);
  }
  return SLUICE_OK;
}

static int configure(sqlite3 *database, sluice_instance *self) {
  static const struct {
    int option;
    int value;
  } options[] = {
      {SQLITE_DBCONFIG_DEFENSIVE, 1},
      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
      {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
      {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
      {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
      {SQLITE_DBCONFIG_DQS_DML, 0}, /* a quoted name that does not exist is an error, never a text */
  };
  static const struct {
    int limit;
    int value;
  } limits[] = {
      {SQLITE_LIMIT_LENGTH, CELL_MAX},      {SQLITE_LIMIT_ATTACHED, 0},       {SQLITE_LIMIT_EXPR_DEPTH, 200},
      {SQLITE_LIMIT_WORKER_THREADS, 0},     {SQLITE_LIMIT_TRIGGER_DEPTH, 1},  {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100},
      {SQLITE_LIMIT_COMPOUND_SELECT, 50},
  };
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    int result = sqlite3_db_config(database, options[i].option, options[i].value, (int *)NULL);
    if (result != SQLITE_OK) return result;
  }
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
    sqlite3_limit(database, limits[i].limit, limits[i].value);
  }
  int result = sqlite3_exec(database,
                            "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; PRAGMA query_only=ON;"
                            "PRAGMA cell_size_check=ON; PRAGMA cache_size=-16384;",
                            NULL, NULL, NULL);
  if (result != SQLITE_OK) return result;
  sqlite3_progress_handler(database, STEPS_BETWEEN_LOOKS, on_progress, self);
  /* The first use of a pragma as a table declares that table, which asks the authorizer for a change to the schema. So
   * they are declared before it stands guard. This is also the first look at the source's own schema. */
  sqlite3_stmt *statement = NULL;
  result = sqlite3_prepare_v2(database,
                              "SELECT 1 FROM pragma_table_list, pragma_table_xinfo('x'), pragma_foreign_key_list('x')",
                              -1, &statement, NULL);
  sqlite3_finalize(statement);
  if (result != SQLITE_OK) return result;
  return sqlite3_set_authorizer(database, authorize, NULL);
}

sluice_status database_open(sluice_instance *self, sluice_error *error) {
  atomic_store_explicit(&self->cancelled, 0, memory_order_relaxed);
  self->source_status = SLUICE_OK;
  if (self->database) return SLUICE_OK;
  if (!connector_host.read_at || !connector_host.stream_size) {
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                           "The host offers no source stream: start the SQLite connector with a file.");
  }
  sluice_status status = connector_host.stream_size(self->context, 0, &self->size, error);
  if (status != SLUICE_OK) return status;
  if (self->size > INT64_MAX) self->size = INT64_MAX;
  status = check_header(self, error);
  if (status != SLUICE_OK) return status;
  int result = self->vfs_registered ? SQLITE_OK : vfs_register(self);
  if (result == SQLITE_OK) {
    result = sqlite3_open_v2("source", &self->database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, self->vfs_name);
  }
  if (result == SQLITE_OK) result = configure(self->database, self);
  if (result == SQLITE_OK) return SLUICE_OK;
  status = database_fail(self, result, "opening the database", error);
  database_close(self);
  return status;
}

void database_close(sluice_instance *self) {
  /* Streams keep the instance alive, so no statement is left here; close_v2 would wait for one. */
  sqlite3_close_v2(self->database);
  self->database = NULL;
}

char *database_quote(const char *name) { return sqlite3_mprintf("\"%w\"", name); }

sluice_status database_prepare(sluice_instance *self, const char *sql, sqlite3_stmt **out, const char *doing,
                               sluice_error *error) {
  *out = NULL;
  if (!sql) return sluice_kit_fail_memory(error);
  int result = sqlite3_prepare_v2(self->database, sql, -1, out, NULL);
  return result == SQLITE_OK ? SLUICE_OK : database_fail(self, result, doing, error);
}

/* SQLite's own message can quote names and values: only its fixed text for the result is repeated. */
sluice_status database_fail(sluice_instance *self, int result, const char *doing, sluice_error *error) {
  switch (result & 0xFF) {
    case SQLITE_INTERRUPT:
      return sluice_kit_fail(error, SLUICE_TIMEOUT, "Cancelled or out of time while %s: allow more time, or start again.",
                             doing);
    case SQLITE_NOMEM:
      return sluice_kit_fail_memory(error);
    case SQLITE_NOTADB:
      return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                             "This is no SQLite database, or it is encrypted (found while %s): name the right file, or "
                             "export a decrypted copy and read that.",
                             doing);
    case SQLITE_CORRUPT:
    case SQLITE_FORMAT:
      return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                             "The SQLite database is damaged (found while %s): check it with PRAGMA integrity_check, "
                             "save what can be saved with the sqlite3 shell's .recover, and read the result.",
                             doing);
    case SQLITE_TOOBIG:
      return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                             "A value is larger than %d MiB (found while %s): leave its column out.",
                             CELL_MAX / 1024 / 1024, doing);
    case SQLITE_AUTH:
      return sluice_kit_fail(error, SLUICE_POLICY_BLOCK,
                             "The source's schema asks for more than reading (found while %s): copy the table into a "
                             "plain one and read that.",
                             doing);
    case SQLITE_ERROR:
      return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                             "SQLite refused a statement while %s: the table may use a collation, a function or a module "
                             "that only its own program has. Copy it into a plain table and read that.",
                             doing);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      if (self->source_status != SLUICE_OK) {
        return sluice_kit_fail(error, self->source_status,
                               "The source could not be read while %s: check that the file is still there and whole.",
                               doing);
      }
      return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                             "The SQLite file ends too early (found while %s): copy the file again, while nothing writes "
                             "to it.",
                             doing);
    default:
      return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                             "SQLite failed while %s (%s): check the file with PRAGMA integrity_check.", doing,
                             sqlite3_errstr(result));
  }
}
