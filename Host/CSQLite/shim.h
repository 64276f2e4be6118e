#ifndef SLUICE_CSQLITE_SHIM_H
#define SLUICE_CSQLITE_SHIM_H
#include <sqlite3.h>

/* sqlite3_destructor_type casts are macros that Swift does not import. */
static inline int sluice_sqlite_bind_text_static(sqlite3_stmt *statement, int index, const char *text, sqlite3_uint64 size) {
  return sqlite3_bind_text64(statement, index, text, size, SQLITE_STATIC, SQLITE_UTF8);
}
static inline int sluice_sqlite_bind_text_copy(sqlite3_stmt *statement, int index, const char *text, sqlite3_uint64 size) {
  return sqlite3_bind_text64(statement, index, text, size, SQLITE_TRANSIENT, SQLITE_UTF8);
}
static inline int sluice_sqlite_bind_blob_copy(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 size) {
  return sqlite3_bind_blob64(statement, index, bytes, size, SQLITE_TRANSIENT);
}
static inline int sluice_sqlite_bind_blob_static(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 size) {
  return sqlite3_bind_blob64(statement, index, bytes, size, SQLITE_STATIC);
}
/* A result of no bytes is an empty text or blob: SQLite would take a null pointer for SQL's null. */
static inline void sluice_sqlite_result_text_copy(sqlite3_context *context, const char *text, sqlite3_uint64 size) {
  sqlite3_result_text64(context, size == 0 ? "" : text, size, size == 0 ? SQLITE_STATIC : SQLITE_TRANSIENT, SQLITE_UTF8);
}
static inline void sluice_sqlite_result_blob_copy(sqlite3_context *context, const void *bytes, sqlite3_uint64 size) {
  if (size == 0) sqlite3_result_zeroblob(context, 0);
  else sqlite3_result_blob64(context, bytes, size, SQLITE_TRANSIENT);
}
/* sqlite3_db_config is variadic, which Swift does not import. */
static inline int sluice_sqlite_config_flag(sqlite3 *database, int option, int value) {
  return sqlite3_db_config(database, option, value, (int *)0);
}
#endif
