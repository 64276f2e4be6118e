/* Which Arrow format holds everything that a column holds.
 *
 * SQLite types values, not columns: a column declared INTEGER may hold text. Nothing may be lost, so the declaration is
 * a proposal that every value must agree with, and one look at all rows decides:
 *   declared INTEGER affinity, only integers                         int64
 *   declared REAL affinity, only reals (and integers below 2^53)     float64
 *   declared BOOL…, only 0 and 1                                     bool
 *   a blob anywhere, or text that is not UTF-8                       binary
 *   everything else                                                  utf8
 * Under metadata_only no row is read and the declaration alone counts. */
#include "connector.h"

#include <string.h>

#define SEEN_INTEGER 1u
#define SEEN_REAL 2u
#define SEEN_TEXT 4u
#define SEEN_BLOB 8u        /* or text that is not UTF-8 */
#define SEEN_NOT_BOOL 16u   /* an integer other than 0 and 1 */
#define SEEN_WIDE 32u       /* an integer that float64 cannot hold */
#define ROWS_BETWEEN_REPORTS 65536

/* Part of `declared`, whatever the case: how SQLite finds a column's affinity ("Datatypes in SQLite", 3.1). */
static int says(const char *declared, const char *word) {
  size_t size = strlen(word);
  for (; *declared; declared++) {
    if (sqlite3_strnicmp(declared, word, (int)size) == 0) return 1;
  }
  return 0;
}

static char proposal(const char *declared) {
  if (says(declared, "INT")) return KIND_INTEGER;
  if (says(declared, "CHAR") || says(declared, "CLOB") || says(declared, "TEXT")) return KIND_TEXT;
  if (says(declared, "BLOB")) return KIND_TEXT;
  if (says(declared, "REAL") || says(declared, "FLOA") || says(declared, "DOUB")) return KIND_REAL;
  if (says(declared, "BOOL")) return KIND_BOOL;
  return KIND_TEXT;
}

static char decide(const source_column *column) {
  uint32_t seen = column->seen;
  if (seen & SEEN_BLOB) return KIND_BINARY;
  char kind = proposal(column->declared);
  if (kind == KIND_INTEGER && (seen & (SEEN_REAL | SEEN_TEXT)) == 0) return kind;
  if (kind == KIND_REAL && (seen & (SEEN_TEXT | SEEN_WIDE)) == 0) return kind;
  if (kind == KIND_BOOL && (seen & (SEEN_REAL | SEEN_TEXT | SEEN_NOT_BOOL)) == 0) return kind;
  return KIND_TEXT;
}

static uint32_t look(sqlite3_stmt *statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: {
      int64_t value = sqlite3_column_int64(statement, column);
      uint32_t seen = SEEN_INTEGER;
      if (value != 0 && value != 1) seen |= SEEN_NOT_BOOL;
      if (value > (INT64_C(1) << 53) || value < -(INT64_C(1) << 53)) seen |= SEEN_WIDE;
      return seen;
    }
    case SQLITE_FLOAT:
      return SEEN_REAL;
    case SQLITE_TEXT: {
      const char *text = (const char *)sqlite3_column_text(statement, column);
      uint64_t size = (uint64_t)sqlite3_column_bytes(statement, column);
      if (!text || sluice_kit_utf8_prefix(text, size) == size) return SEEN_TEXT;
      return SEEN_TEXT | SEEN_BLOB;
    }
    case SQLITE_BLOB:
      return SEEN_BLOB;
    default:
      return 0;
  }
}

static char *select_all(const source_table *table) {
  sqlite3_str *sql = sqlite3_str_new(NULL);
  sqlite3_str_appendall(sql, "SELECT ");
  char *name = NULL;
  for (int64_t i = 0; i < table->n; i++) {
    name = database_quote(table->columns[i].name);
    sqlite3_str_appendf(sql, "%s%s", i ? ", " : "", name ? name : "");
    sqlite3_free(name);
  }
  name = database_quote(table->name);
  sqlite3_str_appendf(sql, " FROM main.%s NOT INDEXED", name ? name : "");
  sqlite3_free(name);
  return sqlite3_str_finish(sql);
}

sluice_status types_decide(sluice_instance *self, source_table *table, sluice_error *error) {
  static const char doing[] = "looking at a table's values";
  if (table->typed) return SLUICE_OK;
  if (!self->metadata_only) {
    for (int64_t i = 0; i < table->n; i++) table->columns[i].seen = 0;
    sqlite3_stmt *statement;
    char *sql = select_all(table);
    sluice_status status = database_prepare(self, sql, &statement, doing, error);
    sqlite3_free(sql);
    if (status != SLUICE_OK) return status;
    int64_t rows = 0;
    int result;
    while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
      for (int i = 0; i < table->n; i++) table->columns[i].seen |= look(statement, i);
      if (++rows % ROWS_BETWEEN_REPORTS == 0 && connector_host.progress) {
        connector_host.progress(self->context, (uint64_t)rows, 0);
      }
      if (rows % 1024 == 0 && database_stopped(self)) {
        result = SQLITE_INTERRUPT;
        break;
      }
    }
    sqlite3_finalize(statement);
    if (result != SQLITE_DONE) return database_fail(self, result, doing, error);
    table->rows = rows;
  }
  for (int64_t i = 0; i < table->n; i++) table->columns[i].kind = decide(&table->columns[i]);
  table->typed = 1;
  return SLUICE_OK;
}

int types_schema(const source_table *table, const int64_t *picked, int64_t n, struct ArrowSchema *out) {
  int problem = sluice_kit_schema_struct(out, n);
  for (int64_t i = 0; !problem && i < n; i++) {
    const source_column *column = &table->columns[picked ? picked[i] : i];
    char format[2] = {column->kind, 0};
    problem = sluice_kit_schema_column(out, i, column->name, format, !column->not_null);
  }
  if (problem) sluice_kit_schema_release(out);
  return problem;
}
