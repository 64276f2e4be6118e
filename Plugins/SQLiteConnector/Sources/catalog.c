/* Which tables the source has, and what its schema says about them. */
#include "connector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_IN_ERROR 20
#define NAME_IN_ERROR 64

/* Every table but SQLite's own. `_` is a wildcard of LIKE, hence the escape. */
#define USER_TABLES "FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"

static sluice_str text_of(sqlite3_stmt *statement, int column) {
  sluice_str text = {(const char *)sqlite3_column_text(statement, column), 0};
  text.size = text.data ? (uint64_t)sqlite3_column_bytes(statement, column) : 0;
  return text;
}

static char *copy_of(sqlite3_stmt *statement, int column) {
  const char *text = (const char *)sqlite3_column_text(statement, column);
  size_t size = text ? strlen(text) : 0;
  char *copy = malloc(size + 1);
  if (!copy) return NULL;
  if (size) memcpy(copy, text, size);
  copy[size] = 0;
  return copy;
}

sluice_status catalog_inventory(sluice_instance *self, sluice_text *out, sluice_error *error) {
  static const char doing[] = "listing the tables";
  sqlite3_stmt *statement;
  sluice_status status =
      database_prepare(self, "SELECT name, type " USER_TABLES " ORDER BY name", &statement, doing, error);
  if (status != SLUICE_OK) return status;
  sluice_kit_writer writer = {0};
  sluice_kit_begin_object(&writer);
  sluice_kit_key(&writer, "tables");
  sluice_kit_begin_array(&writer);
  int result;
  while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
    sluice_kit_begin_object(&writer);
    sluice_kit_key(&writer, "name");
    sluice_kit_string(&writer, text_of(statement, 0));
    sluice_kit_key(&writer, "kind");
    sluice_kit_string(&writer, text_of(statement, 1));
    sluice_kit_end_object(&writer);
  }
  sluice_kit_end_array(&writer);
  sluice_kit_end_object(&writer);
  sqlite3_finalize(statement);
  if (result != SQLITE_DONE) {
    sluice_kit_writer_free(&writer);
    return database_fail(self, result, doing, error);
  }
  return sluice_kit_writer_finish(&writer, out, error);
}

/* "film", "actor" and 3 more — for a person who must choose. */
static sluice_status fail_with_names(sluice_instance *self, const char *what, sluice_error *error) {
  sqlite3_stmt *statement;
  sluice_status status = database_prepare(self, "SELECT name " USER_TABLES " AND type = 'table' ORDER BY name",
                                          &statement, "listing the tables", error);
  if (status != SLUICE_OK) return status;
  sluice_kit_writer names = {0};
  uint64_t count = 0;
  int result;
  while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
    if (++count > NAMES_IN_ERROR) continue;
    sluice_str name = text_of(statement, 0);
    if (count > 1) sluice_kit_append(&names, ", ", 2);
    if (name.size > NAME_IN_ERROR) name.size = sluice_kit_utf8_prefix(name.data, NAME_IN_ERROR);
    sluice_kit_append(&names, name.data, name.size);
  }
  sqlite3_finalize(statement);
  if (result != SQLITE_DONE) {
    sluice_kit_writer_free(&names);
    return database_fail(self, result, "listing the tables", error);
  }
  char more[48] = "";
  if (count > NAMES_IN_ERROR) {
    snprintf(more, sizeof more, " and %llu more", (unsigned long long)(count - NAMES_IN_ERROR));
  }
  sluice_str list = {names.data, names.size};
  if (count == 0) {
    status = sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                             "%s: the database holds no table at all. Name a file that does.", what);
  } else {
    status = sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "%s: name one as sqlite:FILE#TABLE. It has %.*s%s.",
                             what, SLUICE_KIT_ARG(list), more);
  }
  sluice_kit_writer_free(&names);
  return status;
}

static void free_table(source_table *table) {
  for (int64_t i = 0; table->columns && i < table->n; i++) {
    free(table->columns[i].name);
    free(table->columns[i].declared);
  }
  free(table->columns);
  free(table->name);
  free(table);
}

void catalog_free(sluice_instance *self) {
  while (self->tables) {
    source_table *next = self->tables->next;
    free_table(self->tables);
    self->tables = next;
  }
}

static sluice_status load_columns(sluice_instance *self, source_table *table, sluice_error *error) {
  static const char doing[] = "reading a table's columns";
  sqlite3_stmt *statement;
  sluice_status status = database_prepare(
      self, "SELECT name, type, \"notnull\", pk FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid", &statement,
      doing, error);
  if (status != SLUICE_OK) return status;
  int64_t room = 0;
  int readable = 1;
  int result = sqlite3_bind_text(statement, 1, table->name, -1, SQLITE_STATIC);
  while (result == SQLITE_OK || result == SQLITE_ROW) {
    result = sqlite3_step(statement);
    if (result != SQLITE_ROW) break;
    if (table->n == room) {
      room = room ? room * 2 : 16;
      source_column *grown = realloc(table->columns, (size_t)room * sizeof *grown);
      if (!grown) {
        result = SQLITE_NOMEM;
        break;
      }
      table->columns = grown;
    }
    source_column *column = &table->columns[table->n++];
    memset(column, 0, sizeof *column);
    column->name = copy_of(statement, 0);
    column->declared = copy_of(statement, 1);
    column->not_null = sqlite3_column_int(statement, 2);
    column->primary_key = sqlite3_column_int(statement, 3);
    if (!column->name || !column->declared) {
      result = SQLITE_NOMEM;
    } else {
      uint64_t size = strlen(column->name);
      readable &= sluice_kit_utf8_prefix(column->name, size) == size;
    }
  }
  sqlite3_finalize(statement);
  if (result != SQLITE_DONE) return database_fail(self, result, doing, error);
  if (!readable) {
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                           "A column's name is not UTF-8: rename the column in a copy of the database and read that.");
  }
  if (table->n == 0) return database_fail(self, SQLITE_CORRUPT, doing, error);
  static const char *const reserved[] = {SLUICE_COLUMN_LINE, SLUICE_COLUMN_BYTE_OFFSET, SLUICE_COLUMN_REJECT};
  for (int64_t c = 0; c < table->n; c++) {
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
      if (strcmp(table->columns[c].name, reserved[i]) != 0) continue;
      return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                             "A column is named %s, which the host keeps for itself: rename it in a copy of the database "
                             "and read that.",
                             reserved[i]);
    }
  }
  return SLUICE_OK;
}

/* A column of that name hides the rowid; any of the three names will do. */
static const char *rowid_name(const source_table *table) {
  static const char *const names[] = {"_rowid_", "rowid", "oid"};
  if (table->without_rowid) return NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    int taken = 0;
    for (int64_t c = 0; c < table->n; c++) taken |= sqlite3_stricmp(table->columns[c].name, names[i]) == 0;
    if (!taken) return names[i];
  }
  return NULL;
}

sluice_status catalog_table(sluice_instance *self, sluice_str name, source_table **out, sluice_error *error) {
  static const char doing[] = "looking for the table";
  *out = NULL;
  for (source_table *table = self->tables; name.size > 0 && table; table = table->next) {
    if (sluice_kit_str_equal(sluice_kit_str(table->name), name)) {
      *out = table;
      return SLUICE_OK;
    }
  }
  const char *sql = name.size > 0 ? "SELECT name, type, wr " USER_TABLES " AND name = ?1 COLLATE NOCASE"
                                  : "SELECT name, type, wr " USER_TABLES " AND type = 'table' LIMIT 2";
  sqlite3_stmt *statement;
  sluice_status status = database_prepare(self, sql, &statement, doing, error);
  if (status != SLUICE_OK) return status;
  int result = SQLITE_OK;
  if (name.size > 0) result = sqlite3_bind_text64(statement, 1, name.data, name.size, SQLITE_STATIC, SQLITE_UTF8);
  if (result == SQLITE_OK) result = sqlite3_step(statement);
  if (result != SQLITE_ROW) {
    sqlite3_finalize(statement);
    if (result != SQLITE_DONE) return database_fail(self, result, doing, error);
    return fail_with_names(self, name.size > 0 ? "There is no such table" : "There is no table", error);
  }
  int plain = strcmp((const char *)sqlite3_column_text(statement, 1), "table") == 0 ||
              strcmp((const char *)sqlite3_column_text(statement, 1), "shadow") == 0;
  source_table *table = calloc(1, sizeof *table);
  if (table) {
    table->name = copy_of(statement, 0);
    table->without_rowid = sqlite3_column_int(statement, 2);
  }
  int several = name.size == 0 && sqlite3_step(statement) == SQLITE_ROW;
  sqlite3_finalize(statement);
  if (!table || !table->name) {
    status = sluice_kit_fail_memory(error);
  } else if (several) {
    status = fail_with_names(self, "The database has more than one table", error);
  } else if (!plain) {
    status = sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                             "Views and virtual tables are not read: make a table of it (CREATE TABLE … AS SELECT * "
                             "FROM …) in a copy of the database and read that.");
  } else {
    status = load_columns(self, table, error);
  }
  if (status != SLUICE_OK) {
    if (table) free_table(table);
    return status;
  }
  table->rowid = rowid_name(table);
  table->next = self->tables;
  self->tables = table;
  *out = table;
  return SLUICE_OK;
}

static int write_pragma(sluice_instance *self, sluice_kit_writer *writer, const char *key, const char *sql) {
  sqlite3_stmt *statement;
  int result = sqlite3_prepare_v2(self->database, sql, -1, &statement, NULL);
  if (result != SQLITE_OK) return result;
  result = sqlite3_step(statement);
  sluice_kit_key(writer, key);
  if (result == SQLITE_ROW && sqlite3_column_type(statement, 0) == SQLITE_INTEGER) {
    sluice_kit_integer(writer, sqlite3_column_int64(statement, 0));
  } else if (result == SQLITE_ROW) {
    sluice_kit_string(writer, text_of(statement, 0));
  } else {
    sluice_kit_null(writer);
  }
  sqlite3_finalize(statement);
  return result == SQLITE_ROW || result == SQLITE_DONE ? SQLITE_OK : result;
}

/* The columns of a primary key in the key's order: what a foreign key that names no columns refers to. */
static int write_key_of(sluice_instance *self, sluice_kit_writer *writer, sqlite3_value *table) {
  sqlite3_stmt *statement;
  int result = sqlite3_prepare_v2(self->database, "SELECT name FROM pragma_table_xinfo(?1) WHERE pk > 0 ORDER BY pk",
                                  -1, &statement, NULL);
  if (result != SQLITE_OK) return result;
  result = sqlite3_bind_value(statement, 1, table);
  while (result == SQLITE_OK || result == SQLITE_ROW) {
    result = sqlite3_step(statement);
    if (result == SQLITE_ROW) sluice_kit_string(writer, text_of(statement, 0));
  }
  sqlite3_finalize(statement);
  return result == SQLITE_DONE ? SQLITE_OK : result;
}

/* One statement a part: the rows of a key are read once for its own columns and once for those it refers to. */
static int write_foreign_part(sluice_instance *self, sluice_kit_writer *writer, const source_table *table, int64_t id,
                              int own) {
  const char *sql = own ? "SELECT \"from\", \"table\" FROM pragma_foreign_key_list(?1) WHERE id = ?2 ORDER BY seq"
                        : "SELECT \"to\", \"table\" FROM pragma_foreign_key_list(?1) WHERE id = ?2 ORDER BY seq";
  sqlite3_stmt *statement;
  int result = sqlite3_prepare_v2(self->database, sql, -1, &statement, NULL);
  if (result != SQLITE_OK) return result;
  result = sqlite3_bind_text(statement, 1, table->name, -1, SQLITE_STATIC);
  if (result == SQLITE_OK) result = sqlite3_bind_int64(statement, 2, id);
  while (result == SQLITE_OK || result == SQLITE_ROW) {
    result = sqlite3_step(statement);
    if (result != SQLITE_ROW) break;
    if (sqlite3_column_type(statement, 0) == SQLITE_NULL) {
      result = write_key_of(self, writer, sqlite3_column_value(statement, 1));
      if (result == SQLITE_OK) result = SQLITE_DONE;
      break;
    }
    sluice_kit_string(writer, text_of(statement, 0));
  }
  sqlite3_finalize(statement);
  return result == SQLITE_DONE ? SQLITE_OK : result;
}

static int write_foreign_keys(sluice_instance *self, sluice_kit_writer *writer, const source_table *table) {
  sqlite3_stmt *statement;
  /* SQLite counts the keys from the last one declared. */
  int result = sqlite3_prepare_v2(self->database,
                                  "SELECT id, \"table\" FROM pragma_foreign_key_list(?1) WHERE seq = 0 ORDER BY id DESC",
                                  -1, &statement, NULL);
  if (result != SQLITE_OK) return result;
  result = sqlite3_bind_text(statement, 1, table->name, -1, SQLITE_STATIC);
  while (result == SQLITE_OK || result == SQLITE_ROW) {
    result = sqlite3_step(statement);
    if (result != SQLITE_ROW) break;
    int64_t id = sqlite3_column_int64(statement, 0);
    sluice_kit_begin_object(writer);
    sluice_kit_key(writer, "columns");
    sluice_kit_begin_array(writer);
    result = write_foreign_part(self, writer, table, id, 1);
    sluice_kit_end_array(writer);
    sluice_kit_key(writer, "table");
    sluice_kit_string(writer, text_of(statement, 1));
    sluice_kit_key(writer, "references");
    sluice_kit_begin_array(writer);
    if (result == SQLITE_OK) result = write_foreign_part(self, writer, table, id, 0);
    sluice_kit_end_array(writer);
    sluice_kit_end_object(writer);
  }
  sqlite3_finalize(statement);
  return result == SQLITE_DONE ? SQLITE_OK : result;
}

sluice_status catalog_details(sluice_instance *self, const source_table *table, sluice_text *out,
                              sluice_error *error) {
  sluice_kit_writer writer = {0};
  sluice_kit_begin_object(&writer);
  sluice_kit_key(&writer, "format");
  sluice_kit_cstring(&writer, "sqlite");
  int result = write_pragma(self, &writer, "encoding", "PRAGMA encoding");
  if (result == SQLITE_OK) result = write_pragma(self, &writer, "page_size", "PRAGMA page_size");
  if (result == SQLITE_OK) result = write_pragma(self, &writer, "user_version", "PRAGMA user_version");
  sluice_kit_key(&writer, "table");
  sluice_kit_cstring(&writer, table->name);
  sluice_kit_key(&writer, "without_rowid");
  sluice_kit_bool(&writer, table->without_rowid);
  sluice_kit_key(&writer, "primary_key");
  sluice_kit_begin_array(&writer);
  for (int32_t place = 1; place <= table->n; place++) {
    for (int64_t i = 0; i < table->n; i++) {
      if (table->columns[i].primary_key == place) sluice_kit_cstring(&writer, table->columns[i].name);
    }
  }
  sluice_kit_end_array(&writer);
  sluice_kit_key(&writer, "foreign_keys");
  sluice_kit_begin_array(&writer);
  if (result == SQLITE_OK) result = write_foreign_keys(self, &writer, table);
  sluice_kit_end_array(&writer);
  sluice_kit_key(&writer, "not_null");
  sluice_kit_begin_array(&writer);
  for (int64_t i = 0; i < table->n; i++) {
    if (table->columns[i].not_null) sluice_kit_cstring(&writer, table->columns[i].name);
  }
  sluice_kit_end_array(&writer);
  sluice_kit_key(&writer, "declared_types");
  sluice_kit_begin_array(&writer);
  for (int64_t i = 0; i < table->n; i++) sluice_kit_cstring(&writer, table->columns[i].declared);
  sluice_kit_end_array(&writer);
  if (!self->metadata_only) {
    sluice_kit_key(&writer, "row_count");
    sluice_kit_integer(&writer, table->rows);
  }
  sluice_kit_end_object(&writer);
  if (result != SQLITE_OK) {
    sluice_kit_writer_free(&writer);
    return database_fail(self, result, "reading the table's keys", error);
  }
  return sluice_kit_writer_finish(&writer, out, error);
}
