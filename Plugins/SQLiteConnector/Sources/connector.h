/* What the parts of the SQLite connector share. Nothing here is visible outside the plugin. */
#ifndef SLUICE_SQLITE_CONNECTOR_H
#define SLUICE_SQLITE_CONNECTOR_H

#include "sluice_kit.h"

#include <sqlite3.h>
#include <stdatomic.h>

/* Kinds of a column's values; the Arrow format is the same letter. */
#define KIND_BOOL 'b'
#define KIND_INTEGER 'l'
#define KIND_REAL 'g'
#define KIND_TEXT 'u'
#define KIND_BINARY 'z'

typedef struct source_column {
  char *name;
  char *declared;      /* the declared type as written; "" when there is none */
  int32_t not_null;
  int32_t primary_key; /* place in the primary key, from 1; 0: not part of it */
  uint32_t seen;       /* SEEN_* of catalog_types.c */
  char kind;
} source_column;

/* One table of the source, found by `catalog_table` and kept until the instance ends. */
typedef struct source_table {
  struct source_table *next;
  char *name;
  const char *rowid; /* how to name the rowid; NULL when there is none or every name for it is taken */
  int32_t without_rowid;
  int32_t typed; /* kinds and rows are known */
  int64_t rows;
  int64_t n;
  source_column *columns;
} source_table;

struct sluice_instance {
  sluice_handle context;
  atomic_uint cancelled;
  uint32_t references; /* the host's one, and one for each open stream; call thread only */
  int32_t metadata_only;

  /* The source as a file (vfs.c). */
  uint64_t size;
  uint64_t sequential;         /* where the last read ended */
  uint64_t window_offset;
  uint64_t window_size;
  uint8_t *window;
  sluice_status source_status; /* why the host refused a read; SLUICE_OK when it did not */
  sqlite3_vfs vfs;
  char vfs_name[48];
  int32_t vfs_registered;

  sqlite3 *database;
  source_table *tables;
};

/* The host's services (plugin.c). */
extern sluice_host connector_host;

/* vfs.c: the source stream as a read-only, immutable SQLite file; every other file is refused. */
int vfs_register(sluice_instance *self);
void vfs_unregister(sluice_instance *self);
int vfs_read(sluice_instance *self, uint64_t offset, void *buffer, uint64_t size, uint64_t *got);

/* database.c: opening, statements, and what went wrong. */
sluice_status database_open(sluice_instance *self, sluice_error *error);
void database_close(sluice_instance *self);
int database_stopped(sluice_instance *self);
sluice_status database_prepare(sluice_instance *self, const char *sql, sqlite3_stmt **out, const char *doing,
                               sluice_error *error);
sluice_status database_fail(sluice_instance *self, int result, const char *doing, sluice_error *error);
/* The only function that puts a name into SQL. NULL when out of memory; free with sqlite3_free. */
char *database_quote(const char *name);

/* catalog.c: which tables there are, and what is said about them. */
sluice_status catalog_inventory(sluice_instance *self, sluice_text *out, sluice_error *error);
sluice_status catalog_table(sluice_instance *self, sluice_str name, source_table **out, sluice_error *error);
sluice_status catalog_details(sluice_instance *self, const source_table *table, sluice_text *out, sluice_error *error);
void catalog_free(sluice_instance *self);

/* types.c: which Arrow format holds everything that a column holds. */
sluice_status types_decide(sluice_instance *self, source_table *table, sluice_error *error);
int types_schema(const source_table *table, const int64_t *picked, int64_t n, struct ArrowSchema *out);

/* scan.c */
sluice_status scan_split(sluice_instance *self, source_table *table, uint32_t parts, sluice_text *out,
                         sluice_error *error);
sluice_status scan_open(sluice_instance *self, sluice_str request, struct ArrowArrayStream *out, sluice_error *error);

/* plugin.c: streams keep the instance alive. */
void instance_retain(sluice_instance *self);
void instance_release(sluice_instance *self);

#endif
