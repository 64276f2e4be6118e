/* A connector that reads tables of a PostgreSQL server with libpq, over the one connection that its host opened.
 *
 * It knows nothing of relays: it names the server as the configuration's /relay does and lets libpq connect. The config's
 * "second": true makes it try a second connection, which there is not. Linked with the C kit and with -lpq. */
#define _GNU_SOURCE
#include <libpq-fe.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "sluice_kit.h"

#define MAX_COLUMNS 256
#define BYTES_A_BATCH (8u << 20)
/* PostgreSQL counts from 2000-01-01. */
#define EPOCH_DAYS 10957
#define EPOCH_MICROSECONDS (INT64_C(10957) * 86400 * 1000000)

struct sluice_instance {
  sluice_handle context;
  PGconn *connection;
  atomic_int descriptor; /* of the connection, for `cancel`; -1 without one */
};

static sluice_host host;

/* What a type looks like in libpq's binary form. A type that is not listed is read as its text. */
static const struct {
  Oid oid;
  const char *format;
} types[] = {{16, "b"},   {17, "z"},   {19, "u"},    {20, "l"},    {21, "l"},     {23, "l"},      {25, "u"},
             {700, "g"}, {701, "g"}, {1042, "u"}, {1043, "u"}, {1082, "tdD"}, {1184, "tsu:UTC"}};

static const char *format_of(Oid oid) {
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (types[i].oid == oid)
      return types[i].format;
  return NULL;
}

/* The first line of libpq's message; a server that is gone may come back. */
static sluice_status fail(PGconn *connection, PGresult *result, const char *doing, sluice_error *error) {
  const char *words = result ? PQresultErrorMessage(result) : PQerrorMessage(connection);
  static const char *const gone[] = {"server closed the connection", "could not receive data", "could not send data",
                                     "SSL SYSCALL error", "terminating connection", "the database system is"};
  sluice_status code = SLUICE_DETERMINISTIC_FAILURE;
  for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
    if (strstr(words, gone[i]))
      code = SLUICE_TRANSIENT_ERROR;
  return sluice_kit_fail(error, code, "%s: %.*s", doing, (int)strcspn(words, "\n"), words);
}

static sluice_status describe(sluice_text *out, sluice_error *error) {
  static const char json[] = "{\"summary\":\"Reads the tables of a PostgreSQL server.\"}";
  return sluice_kit_text_copy(out, json, sizeof json - 1, error);
}

#define MEMBERS 7

/* Texts of the JSON reader do not end with a NUL. */
static char *copy_of(const sluice_kit_value *value) {
  return value && value->type == SLUICE_KIT_STRING ? strndup(value->text.data, value->text.size) : NULL;
}

static PGconn *open_connection(const sluice_kit_value *relay) {
  static const char *const members[MEMBERS] = {"host", "hostaddr", "database", "user", "password", "tls", "certificates"};
  const char *names[] = {"host",       "hostaddr", "dbname",     "user",            "password", "sslmode",
                         "sslrootcert", "port",     "gssencmode", "passfile",        "client_encoding", "options", NULL};
  char *copies[MEMBERS], port[32];
  const sluice_kit_value *number = sluice_kit_json_get(relay, "port");
  snprintf(port, sizeof port, "%lld", (long long)(number ? number->integer : 5432));
  const char *values[] = {NULL, NULL, NULL, NULL, NULL, NULL, NULL, port, "disable", "/dev/null", "UTF8",
                          "-c synchronize_seqscans=off -c max_parallel_workers_per_gather=0", NULL};
  for (int i = 0; i < MEMBERS; i++)
    values[i] = copies[i] = copy_of(sluice_kit_json_get(relay, members[i]));
  PGconn *connection = PQconnectdbParams(names, values, 0);
  for (int i = 0; i < MEMBERS; i++) {
    if (copies[i])
      explicit_bzero(copies[i], strlen(copies[i]));
    free(copies[i]);
  }
  return connection;
}

static void destroy(sluice_instance *self) {
  PQfinish(self->connection);
  free(self);
}

/* Wakes a call that waits for the server: it sees the connection's end. */
static void cancel(sluice_instance *self) {
  int descriptor = atomic_load(&self->descriptor);
  if (descriptor >= 0)
    shutdown(descriptor, SHUT_RDWR);
}

static sluice_status create(sluice_str config, sluice_handle context, sluice_instance **out, sluice_error *error) {
  sluice_kit_json *json = NULL;
  sluice_status status = sluice_kit_json_parse(config, &json, error);
  if (status != SLUICE_OK)
    return status;
  const sluice_kit_value *root = sluice_kit_json_root(json), *relay = sluice_kit_json_get(root, "relay");
  sluice_instance *self = calloc(1, sizeof *self);
  if (!self) {
    sluice_kit_json_free(json);
    return sluice_kit_fail_memory(error);
  }
  self->context = context;
  atomic_init(&self->descriptor, -1);
  if (!relay)
    status = sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "The configuration has no /relay: name a database.");
  else
    self->connection = open_connection(relay);
  if (self->connection && PQstatus(self->connection) != CONNECTION_OK)
    status = fail(self->connection, NULL, "The server cannot be used", error);
  if (status == SLUICE_OK && sluice_kit_json_get(root, "second")) {
    PGconn *second = open_connection(relay);
    if (PQstatus(second) != CONNECTION_OK)
      status = fail(second, NULL, "The second connection cannot be had", error);
    PQfinish(second);
  }
  sluice_kit_json_free(json);
  if (status != SLUICE_OK) {
    destroy(self);
    return status;
  }
  atomic_store(&self->descriptor, PQsocket(self->connection));
  *out = self;
  return SLUICE_OK;
}

static sluice_status inventory(sluice_instance *self, sluice_text *out, sluice_error *error) {
  PGresult *result = PQexec(self->connection,
                            "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname NOT IN "
                            "('pg_catalog', 'information_schema') ORDER BY 1");
  if (PQresultStatus(result) != PGRES_TUPLES_OK) {
    sluice_status status = fail(self->connection, result, "The tables cannot be listed", error);
    PQclear(result);
    return status;
  }
  sluice_kit_writer writer = {0};
  sluice_kit_begin_object(&writer);
  sluice_kit_key(&writer, "tables");
  sluice_kit_begin_array(&writer);
  for (int row = 0; row < PQntuples(result); row++) {
    sluice_kit_begin_object(&writer);
    sluice_kit_key(&writer, "name");
    sluice_kit_cstring(&writer, PQgetvalue(result, row, 0));
    sluice_kit_end_object(&writer);
  }
  sluice_kit_end_array(&writer);
  sluice_kit_end_object(&writer);
  PQclear(result);
  return sluice_kit_writer_finish(&writer, out, error);
}

/* `schema.table` as SQL; NULL when memory runs out. */
static char *quoted(PGconn *connection, sluice_str table) {
  const char *dot = memchr(table.data, '.', table.size);
  size_t first = dot ? (size_t)(dot - table.data) : 0;
  char *schema = PQescapeIdentifier(connection, dot ? table.data : "public", dot ? first : 6);
  char *name = PQescapeIdentifier(connection, dot ? dot + 1 : table.data, dot ? table.size - first - 1 : table.size);
  char *sql = schema && name ? malloc(strlen(schema) + strlen(name) + 2) : NULL;
  if (sql)
    sprintf(sql, "%s.%s", schema, name);
  PQfreemem(schema);
  PQfreemem(name);
  return sql;
}

/* The table's columns: as a result without rows. */
static sluice_status columns_of(sluice_instance *self, const char *table, PGresult **out, sluice_error *error) {
  char *sql = malloc(strlen(table) + 64);
  if (!sql)
    return sluice_kit_fail_memory(error);
  sprintf(sql, "SELECT * FROM %s LIMIT 0", table);
  PGresult *result = PQexec(self->connection, sql);
  free(sql);
  if (PQresultStatus(result) == PGRES_TUPLES_OK && PQnfields(result) <= MAX_COLUMNS) {
    *out = result;
    return SLUICE_OK;
  }
  sluice_status status = fail(self->connection, result, "The table's columns cannot be read", error);
  PQclear(result);
  return status;
}

static int make_schema(const PGresult *columns, struct ArrowSchema *out) {
  int failed = sluice_kit_schema_struct(out, PQnfields(columns));
  for (int i = 0; !failed && i < PQnfields(columns); i++) {
    const char *format = format_of(PQftype(columns, i));
    failed = sluice_kit_schema_column(out, i, PQfname(columns, i), format ? format : "u", 1);
  }
  if (failed)
    sluice_kit_schema_release(out);
  return failed;
}

static sluice_status schema(sluice_instance *self, sluice_str table, struct ArrowSchema *out, sluice_text *details,
                            sluice_error *error) {
  char *name = quoted(self->connection, table);
  PGresult *columns = NULL;
  sluice_status status = name ? columns_of(self, name, &columns, error) : sluice_kit_fail_memory(error);
  free(name);
  if (status == SLUICE_OK && make_schema(columns, out) != 0)
    status = sluice_kit_fail_memory(error);
  PQclear(columns);
  return status == SLUICE_OK ? sluice_kit_text_copy(details, "{\"format\":\"postgres\"}", 21, error) : status;
}

static sluice_status split(sluice_instance *self, sluice_str table, uint32_t parts, sluice_text *out,
                           sluice_error *error) {
  static const char json[] = "{\"splits\":[{\"id\":\"all\"}]}";
  (void)self, (void)table, (void)parts;
  return sluice_kit_text_copy(out, json, sizeof json - 1, error);
}

/* A scan in single-row mode: the server's answer is never held whole. */
struct scan {
  PGconn *connection;
  sluice_kit_batch *batch;
  int64_t batch_rows;
  int columns;
  const char *formats[MAX_COLUMNS];
};

static int64_t big_endian(const char *bytes, int size) {
  uint64_t value = 0;
  for (int i = 0; i < size; i++)
    value = value << 8 | (uint8_t)bytes[i];
  return size == 2 ? (int16_t)value : size == 4 ? (int32_t)value : (int64_t)value;
}

static int put_value(struct scan *scan, int column, const char *value, int size) {
  const char *format = scan->formats[column];
  int64_t number = *format == 'u' || *format == 'z' ? 0 : big_endian(value, size);
  if (*format == 'u' || *format == 'z')
    return sluice_kit_batch_bytes(scan->batch, column, value, (uint64_t)size);
  if (*format == 'b')
    return sluice_kit_batch_bool(scan->batch, column, number != 0);
  if (strcmp(format, "tdD") == 0)
    return sluice_kit_batch_date32(scan->batch, column, (int32_t)number + EPOCH_DAYS);
  if (*format == 't')
    return sluice_kit_batch_int64(scan->batch, column, number + EPOCH_MICROSECONDS);
  if (*format == 'l')
    return sluice_kit_batch_int64(scan->batch, column, number);
  double real;
  float half;
  uint32_t low = (uint32_t)number;
  memcpy(&half, &low, sizeof half);
  memcpy(&real, &number, sizeof real);
  return sluice_kit_batch_float64(scan->batch, column, size == 4 ? half : real);
}

static int put_row(struct scan *scan, const PGresult *result) {
  int failed = 0;
  for (int i = 0; !failed && i < scan->columns; i++)
    failed = PQgetisnull(result, 0, i) ? sluice_kit_batch_null(scan->batch, i)
                                       : put_value(scan, i, PQgetvalue(result, 0, i), PQgetlength(result, 0, i));
  return failed;
}

static sluice_status next(void *state, struct ArrowArray *out, sluice_error *error) {
  struct scan *scan = state;
  int64_t rows = 0;
  while (rows < scan->batch_rows && sluice_kit_batch_size(scan->batch) < BYTES_A_BATCH) {
    PGresult *result = PQgetResult(scan->connection);
    ExecStatusType status = PQresultStatus(result);
    if (!result || status == PGRES_TUPLES_OK) {
      PQclear(result);
      if (!result)
        break;
      continue;
    }
    if (status != PGRES_SINGLE_TUPLE) {
      sluice_status code = fail(scan->connection, result, "The table cannot be read on", error);
      PQclear(result);
      return code;
    }
    int failed = put_row(scan, result);
    PQclear(result);
    if (failed)
      return sluice_kit_fail_memory(error);
    rows++;
  }
  return rows && sluice_kit_batch_finish(scan->batch, out) ? sluice_kit_fail_memory(error) : SLUICE_OK;
}

static void close_scan(void *state) {
  struct scan *scan = state;
  PGresult *result;
  while ((result = PQgetResult(scan->connection)))
    PQclear(result);
  sluice_kit_batch_free(scan->batch);
  free(scan);
}

static const sluice_kit_stream_ops stream_ops = {next, close_scan};

/* Column by column, what is not read in its binary form as text. */
static char *select_all(PGconn *connection, const char *table, const PGresult *columns, int64_t skip) {
  sluice_kit_writer sql = {0};
  sluice_kit_append(&sql, "SELECT ", 7);
  for (int i = 0; i < PQnfields(columns); i++) {
    char *name = PQescapeIdentifier(connection, PQfname(columns, i), strlen(PQfname(columns, i)));
    sluice_kit_append(&sql, ", ", i ? 2 : 0);
    sluice_kit_append(&sql, name ? name : "", name ? strlen(name) : 0);
    sluice_kit_append(&sql, "::text", format_of(PQftype(columns, i)) ? 0 : 6);
    PQfreemem(name);
  }
  char rest[64];
  sluice_kit_append(&sql, " FROM ", 6);
  sluice_kit_append(&sql, table, strlen(table));
  snprintf(rest, sizeof rest, " OFFSET %lld", (long long)skip);
  sluice_kit_append(&sql, rest, strlen(rest) + 1);
  return sql.data;
}

static int64_t number_of(const sluice_kit_value *object, const char *name, int64_t otherwise) {
  const sluice_kit_value *value = sluice_kit_json_get(object, name);
  return value && value->is_integer ? value->integer : otherwise;
}

static sluice_status start(sluice_instance *self, const sluice_kit_value *request, struct ArrowArrayStream *out,
                           sluice_error *error) {
  const sluice_kit_value *table = sluice_kit_json_get(request, "table");
  char *name = table && table->text.data ? quoted(self->connection, table->text) : NULL;
  PGresult *columns = NULL;
  struct ArrowSchema schema = {0};
  sluice_status status = name ? columns_of(self, name, &columns, error) : sluice_kit_fail_memory(error);
  struct scan *scan = calloc(1, sizeof *scan);
  char *sql = status == SLUICE_OK ? select_all(self->connection, name, columns, number_of(request, "skip_rows", 0)) : NULL;
  if (status == SLUICE_OK && (!scan || !sql || make_schema(columns, &schema) != 0 ||
                              !(scan->batch = sluice_kit_batch_new(&schema))))
    status = sluice_kit_fail_memory(error);
  if (status == SLUICE_OK) {
    scan->connection = self->connection;
    scan->batch_rows = number_of(request, "batch_rows", 16384);
    scan->columns = PQnfields(columns);
    for (int i = 0; i < scan->columns; i++)
      scan->formats[i] = format_of(PQftype(columns, i)) ? format_of(PQftype(columns, i)) : "u";
    if (!PQsendQueryParams(self->connection, sql, 0, NULL, NULL, NULL, NULL, 1) || !PQsetSingleRowMode(self->connection))
      status = fail(self->connection, NULL, "The table cannot be read", error);
    else if (sluice_kit_stream(out, &schema, &stream_ops, scan) == 0)
      scan = NULL;
    else
      status = sluice_kit_fail_memory(error);
  }
  if (scan)
    sluice_kit_batch_free(scan->batch);
  free(scan);
  free(sql);
  free(name);
  PQclear(columns);
  sluice_kit_schema_release(&schema);
  return status;
}

static sluice_status scan(sluice_instance *self, sluice_str request, struct ArrowArrayStream *out, sluice_error *error) {
  sluice_kit_json *json = NULL;
  sluice_status status = sluice_kit_json_parse(request, &json, error);
  if (status == SLUICE_OK)
    status = start(self, sluice_kit_json_root(json), out, error);
  sluice_kit_json_free(json);
  return status;
}

SLUICE_KIT_CONNECTOR(plugin, "fixture.postgres_connector", "1.0.0", describe, create, destroy, cancel, inventory, schema, split,
                     scan);
SLUICE_KIT_ENTRY(plugin, host)
