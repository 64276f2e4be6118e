/* The SQLite connector, driven through its one exported function as the runner drives it, on databases that SQLite
 * itself writes for each test. */
#define _GNU_SOURCE /* mkdtemp */
#include "testing.h"

#include <errno.h>
#include <sqlite3.h>
#include <unistd.h>

#define CANARY "CANARY7391"

static const sluice_plugin *plugin;
static const sluice_connector_ops *ops;
static uint8_t *content;

/* ------------------------------------------------------------ fixtures */

static void no_source(void) {
  free(content);
  content = NULL;
  memset(&fake, 0, sizeof fake);
}

/* Make a database of `sql` and hand its bytes to the fake host. The connector's file system may be the default one, so
 * the operating system's is named. */
static void source(const char *sql) {
  char folder[] = "/tmp/sluice-connector-XXXXXX";
  char path[64];
  no_source();
  if (!mkdtemp(folder)) exit(2);
  snprintf(path, sizeof path, "%s/s.db", folder);
  sqlite3 *database;
  char *problem = NULL;
  if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "unix") != SQLITE_OK ||
      sqlite3_exec(database, sql, NULL, NULL, &problem) != SQLITE_OK) {
    fprintf(stderr, "fixture: %s\n", problem ? problem : "?");
    exit(2);
  }
  sqlite3_close(database);
  FILE *file = fopen(path, "rb");
  fseek(file, 0, SEEK_END);
  fake.size = (uint64_t)ftell(file);
  rewind(file);
  content = malloc(fake.size ? fake.size : 1);
  if (fread(content, 1, fake.size, file) != fake.size) exit(2);
  fclose(file);
  fake.data = content;
  unlink(path);
  rmdir(folder);
}

static sluice_instance *create(const char *config) {
  sluice_instance *instance = NULL;
  CHECK(plugin->create(sluice_kit_str(config), 1, &instance, NULL) == SLUICE_OK);
  return instance;
}

/* ------------------------------------------------------------ calls as text */

static char *inventory(sluice_instance *instance) {
  sluice_text text = {.struct_size = sizeof text};
  sluice_error error = {.struct_size = sizeof error};
  return ops->inventory(instance, &text, &error) == SLUICE_OK ? take_text(&text) : take_error(&error);
}

/* "name:format! name:format details": `!` for what cannot be null. */
static char *schema_of(sluice_instance *instance, const char *table) {
  struct ArrowSchema schema;
  sluice_text text = {.struct_size = sizeof text};
  sluice_error error = {.struct_size = sizeof error};
  if (ops->schema(instance, sluice_kit_str(table), &schema, &text, &error) != SLUICE_OK) return take_error(&error);
  sluice_kit_writer out = {0};
  for (int64_t i = 0; i < schema.n_children; i++) {
    const struct ArrowSchema *child = schema.children[i];
    sluice_kit_append(&out, child->name, strlen(child->name));
    sluice_kit_append(&out, ":", 1);
    sluice_kit_append(&out, child->format, strlen(child->format));
    sluice_kit_append(&out, child->flags & ARROW_FLAG_NULLABLE ? " " : "! ", child->flags & ARROW_FLAG_NULLABLE ? 1 : 2);
  }
  sluice_kit_schema_release(&schema);
  char *details = take_text(&text);
  sluice_kit_append(&out, details, strlen(details) + 1);
  free(details);
  return out.data;
}

static char *split(sluice_instance *instance, const char *table, uint32_t parts) {
  sluice_text text = {.struct_size = sizeof text};
  sluice_error error = {.struct_size = sizeof error};
  sluice_status status = ops->split(instance, sluice_kit_str(table), parts, &text, &error);
  return status == SLUICE_OK ? take_text(&text) : take_error(&error);
}

static void show_cell(sluice_kit_writer *out, const sluice_kit_view *view, int64_t row) {
  char digits[48];
  int size;
  if (sluice_kit_view_is_null(view, row)) {
    sluice_kit_append(out, "NULL", 4);
    return;
  }
  switch (view->format[0]) {
    case 'l':
      size = snprintf(digits, sizeof digits, "%lld", (long long)sluice_kit_view_int64(view, row));
      sluice_kit_append(out, digits, (uint64_t)size);
      break;
    case 'g':
      size = snprintf(digits, sizeof digits, "%g", sluice_kit_view_float64(view, row));
      sluice_kit_append(out, digits, (uint64_t)size);
      break;
    case 'b':
      sluice_kit_append(out, sluice_kit_view_bool(view, row) ? "true" : "false", sluice_kit_view_bool(view, row) ? 4 : 5);
      break;
    case 'z': {
      sluice_str bytes = sluice_kit_view_text(view, row);
      sluice_kit_append(out, "x", 1);
      for (uint64_t i = 0; i < bytes.size; i++) {
        snprintf(digits, sizeof digits, "%02x", (unsigned char)bytes.data[i]);
        sluice_kit_append(out, digits, 2);
      }
      break;
    }
    default:
      sluice_kit_append(out, "'", 1);
      sluice_kit_append(out, sluice_kit_view_text(view, row).data, sluice_kit_view_text(view, row).size);
      sluice_kit_append(out, "'", 1);
  }
}

/* Rows as "cell|cell;", batches separated by "/"; at the end "!errno message" when the stream failed. */
static char *drain(struct ArrowArrayStream *stream) {
  sluice_kit_writer out = {0};
  struct ArrowSchema schema;
  CHECK(stream->get_schema(stream, &schema) == 0);
  for (int batches = 0;; batches++) {
    struct ArrowArray batch;
    int problem = stream->get_next(stream, &batch);
    if (problem) {
      const char *message = stream->get_last_error(stream);
      char number[16];
      snprintf(number, sizeof number, "!%d ", problem);
      sluice_kit_append(&out, number, strlen(number));
      sluice_kit_append(&out, message, strlen(message));
      break;
    }
    if (!batch.release) break;
    if (batches) sluice_kit_append(&out, "/", 1);
    for (int64_t row = 0; row < batch.length; row++) {
      for (int64_t c = 0; c < batch.n_children; c++) {
        sluice_kit_view view;
        CHECK(sluice_kit_view_column(&view, &schema, &batch, c) == 0);
        if (c) sluice_kit_append(&out, "|", 1);
        show_cell(&out, &view, row);
      }
      sluice_kit_append(&out, ";", 1);
    }
    batch.release(&batch);
  }
  sluice_kit_schema_release(&schema);
  stream->release(stream);
  sluice_kit_append(&out, "", 1);
  return out.data;
}

static char *scan(sluice_instance *instance, const char *request) {
  struct ArrowArrayStream stream;
  sluice_error error = {.struct_size = sizeof error};
  sluice_status status = ops->scan(instance, sluice_kit_str(request), &stream, &error);
  return status == SLUICE_OK ? drain(&stream) : take_error(&error);
}

#define EXPECT(call, wanted)                                                                                           \
  do {                                                                                                                 \
    char *text_ = (call);                                                                                              \
    CHECK_TEXT(text_, wanted);                                                                                         \
    free(text_);                                                                                                       \
  } while (0)
#define EXPECT_HAS(call, part)                                                                                         \
  do {                                                                                                                 \
    char *text_ = (call);                                                                                              \
    CHECK_HAS(text_, part);                                                                                            \
    CHECK(!strstr(text_, CANARY));                                                                                     \
    free(text_);                                                                                                       \
  } while (0)

/* ------------------------------------------------------------ tests */

static void tables_are_listed_and_described(void) {
  source("PRAGMA user_version=7;"
         "CREATE TABLE actor(id INTEGER PRIMARY KEY, name VARCHAR(45) NOT NULL, height REAL, active BOOLEAN);"
         "CREATE TABLE film(a INT, b INT, actor_id INT REFERENCES actor, PRIMARY KEY(b, a),"
         "  FOREIGN KEY(a, b) REFERENCES other(x, y)) WITHOUT ROWID;"
         "CREATE VIEW tall AS SELECT * FROM actor WHERE height > 1.9;"
         "CREATE TABLE seq(id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO seq VALUES(1);"
         "INSERT INTO actor VALUES(2,'Åsa',1.75,1),(1,'Bo',2,0),(3,'',NULL,NULL);");
  sluice_instance *instance = create("{}");
  EXPECT(inventory(instance), "{\"tables\":[{\"name\":\"actor\",\"kind\":\"table\"},{\"name\":\"film\",\"kind\":\"table\"},"
                              "{\"name\":\"seq\",\"kind\":\"table\"},{\"name\":\"tall\",\"kind\":\"view\"}]}");
  EXPECT(schema_of(instance, "actor"),
         "id:l name:u! height:g active:b {\"format\":\"sqlite\",\"encoding\":\"UTF-8\",\"page_size\":4096,"
         "\"user_version\":7,\"table\":\"actor\",\"without_rowid\":false,\"primary_key\":[\"id\"],\"foreign_keys\":[],"
         "\"not_null\":[\"name\"],\"declared_types\":[\"INTEGER\",\"VARCHAR(45)\",\"REAL\",\"BOOLEAN\"],\"row_count\":3}");
  EXPECT_HAS(schema_of(instance, "film"),
             "\"primary_key\":[\"b\",\"a\"],\"foreign_keys\":[{\"columns\":[\"actor_id\"],\"table\":\"actor\","
             "\"references\":[\"id\"]},{\"columns\":[\"a\",\"b\"],\"table\":\"other\",\"references\":[\"x\",\"y\"]}],"
             "\"not_null\":[\"a\",\"b\"]");
  EXPECT(scan(instance, "{\"table\":\"actor\",\"split\":null,\"columns\":null,\"batch_rows\":2,\"skip_rows\":0}"),
         "1|'Bo'|2|false;2|'Åsa'|1.75|true;/3|''|NULL|NULL;");
  EXPECT(scan(instance, "{\"table\":\"ACTOR\",\"columns\":[\"active\",\"id\"],\"skip_rows\":1}"), "true|2;NULL|3;");
  plugin->destroy(instance);
}

static void an_empty_table_has_a_schema_and_no_batch(void) {
  source("CREATE TABLE t(a INTEGER, b TEXT, c BLOB)");
  sluice_instance *instance = create("{}");
  EXPECT_HAS(schema_of(instance, ""), "a:l b:u c:u {");
  EXPECT(scan(instance, "{\"table\":\"\"}"), "");
  EXPECT_HAS(split(instance, "", 4), "{\"splits\":[{\"id\":\"all\"");
  plugin->destroy(instance);
}

static void nothing_is_lost_when_values_break_their_declaration(void) {
  source("CREATE TABLE t(i INTEGER, r REAL, b BOOLEAN, n DECIMAL(5,2), x TEXT, blob, bad TEXT);"
         "INSERT INTO t VALUES(1, 1.5, 1, 2.99, 'a', NULL, 'ok');"
         "INSERT INTO t VALUES('one', 'much', 2, 5, NULL, x'00FF', CAST(x'FF41' AS TEXT));"
         "INSERT INTO t VALUES(9223372036854775807, 0.1, NULL, 1e300, 7, 'text', NULL);"
         "INSERT INTO t VALUES(2.5, 1e999, 0, -0.125, 'NUL' || char(0) || 'x', 12, '');");
  sluice_instance *instance = create("{}");
  EXPECT_HAS(schema_of(instance, "t"), "i:u r:u b:u n:u x:u blob:z bad:z ");
  EXPECT(scan(instance, "{\"table\":\"t\",\"columns\":[\"i\",\"r\",\"b\",\"n\",\"blob\",\"bad\"]}"),
         "'1'|'1.5'|'1'|'2.99'|NULL|x6f6b;"
         "'one'|'much'|'2'|'5'|x00ff|xff41;"
         "'9223372036854775807'|'0.1'|NULL|'1e+300'|x74657874|NULL;"
         "'2.5'|'Inf'|'0'|'-0.125'|x3132|x;");
  plugin->destroy(instance);
}

static void embedded_nul_and_wide_integers_survive(void) {
  source("CREATE TABLE t(x TEXT, r REAL);"
         "INSERT INTO t VALUES('a' || char(0) || 'b', 9007199254740993), ('é', 3);");
  sluice_instance *instance = create("{}");
  struct ArrowArrayStream stream;
  struct ArrowArray batch;
  CHECK(ops->scan(instance, sluice_kit_str("{\"table\":\"\"}"), &stream, NULL) == SLUICE_OK);
  CHECK(stream.get_next(&stream, &batch) == 0 && batch.length == 2);
  const int32_t *offsets = batch.children[0]->buffers[1];
  CHECK(offsets[1] == 3 && offsets[2] == 5 && memcmp(batch.children[0]->buffers[2], "a\0b\xC3\xA9", 5) == 0);
  batch.release(&batch);
  stream.release(&stream);
  plugin->destroy(instance);
}

static void without_rowid_tables_come_in_key_order(void) {
  source("CREATE TABLE t(v TEXT, k1 TEXT, k2 INT, PRIMARY KEY(k2 DESC, k1)) WITHOUT ROWID;"
         "CREATE INDEX other ON t(v);"
         "INSERT INTO t VALUES('z','b',1),('y','a',2),('x','a',1);");
  sluice_instance *instance = create("{}");
  EXPECT(scan(instance, "{\"table\":\"t\"}"), "'x'|'a'|1;'z'|'b'|1;'y'|'a'|2;");
  EXPECT(scan(instance, "{\"table\":\"t\",\"columns\":[\"v\"],\"skip_rows\":2}"), "'y';");
  EXPECT_HAS(split(instance, "t", 8), "{\"splits\":[{\"id\":\"all\"");
  EXPECT_HAS(scan(instance, "{\"table\":\"t\",\"split\":\"rowid:1:2\"}"), "8 The request's /split");
  plugin->destroy(instance);
}

static void odd_names_are_names(void) {
  source("CREATE TABLE \"we\"\"ird; DROP TABLE x--\"(\"a\"\"b\" INT, \"select\" TEXT, rowid TEXT, [x y] INT, '' INT);"
         "INSERT INTO \"we\"\"ird; DROP TABLE x--\" VALUES(2,'s','r',3,4),(1,'t','q',5,6);"
         "CREATE TABLE hidden(rowid INT, _rowid_ INT, oid INT, wide TEXT, wider TEXT);"
         "INSERT INTO hidden VALUES(3,3,3,'w','w'),(1,1,1,'w','w');"
         "CREATE TABLE \"select\"(\"from\" INT); CREATE TABLE sqliteish(a); CREATE INDEX h ON hidden(rowid,_rowid_,oid);");
  sluice_instance *instance = create("{}");
  EXPECT_HAS(inventory(instance), "\"name\":\"we\\\"ird; DROP TABLE x--\"");
  EXPECT_HAS(inventory(instance), "\"name\":\"sqliteish\"");
  EXPECT(scan(instance, "{\"table\":\"we\\\"ird; DROP TABLE x--\"}"), "2|'s'|'r'|3|4;1|'t'|'q'|5|6;");
  EXPECT_HAS(split(instance, "we\"ird; DROP TABLE x--", 2), "rowid:2:2");
  EXPECT(scan(instance, "{\"table\":\"hidden\",\"columns\":[\"rowid\",\"oid\"]}"), "3|3;1|1;");
  EXPECT_HAS(split(instance, "hidden", 2), "\"all\"");
  EXPECT_HAS(scan(instance, "{\"table\":\"select\\u0000x\"}"), "8 There is no such table");
  plugin->destroy(instance);
}

static void the_names_of_the_host_s_columns_are_refused(void) {
  source("CREATE TABLE line(a INT, \"sluice.line\" INT); CREATE TABLE reject(\"sluice.reject\" TEXT);"
         "CREATE TABLE mine(\"sluice.id\" INT, \"sluice.lines\" INT); INSERT INTO mine VALUES(1,2);");
  sluice_instance *instance = create("{}");
  EXPECT_HAS(schema_of(instance, "line"), "8 A column is named sluice.line, which the host keeps for itself: rename it");
  EXPECT_HAS(scan(instance, "{\"table\":\"reject\"}"), "8 A column is named sluice.reject");
  EXPECT(scan(instance, "{\"table\":\"mine\"}"), "1|2;");
  plugin->destroy(instance);
}

static void a_table_must_be_named_when_there_are_several(void) {
  source("CREATE TABLE one(a); CREATE TABLE two(a); CREATE VIEW v AS SELECT 1;");
  sluice_instance *instance = create("{}");
  EXPECT_HAS(schema_of(instance, ""), "more than one table: name one as sqlite:FILE#TABLE. It has one, two.");
  EXPECT_HAS(schema_of(instance, "three"), "There is no such table");
  EXPECT_HAS(schema_of(instance, "v"), "Views and virtual tables are not read");
  EXPECT_HAS(schema_of(instance, "sqlite_schema"), "There is no such table");
  plugin->destroy(instance);
  source("PRAGMA user_version=1");
  instance = create("{}");
  EXPECT(inventory(instance), "{\"tables\":[]}");
  EXPECT_HAS(schema_of(instance, ""), "holds no table at all");
  plugin->destroy(instance);
}

static void names_in_an_error_are_capped(void) {
  sqlite3_str *sql = sqlite3_str_new(NULL);
  for (int i = 0; i < 30; i++) sqlite3_str_appendf(sql, "CREATE TABLE t%02d%0100d(a);", i, 0);
  char *text = sqlite3_str_finish(sql);
  source(text);
  sqlite3_free(text);
  sluice_instance *instance = create("{}");
  EXPECT_HAS(schema_of(instance, ""), " and 10 more.");
  plugin->destroy(instance);
}

static void a_database_in_wal_mode_is_read(void) {
  source("PRAGMA journal_mode=WAL; CREATE TABLE t(a INT); INSERT INTO t VALUES(1),(2); PRAGMA wal_checkpoint(TRUNCATE);");
  CHECK(fake.data[18] == 2 && fake.data[19] == 2);
  sluice_instance *instance = create("{}");
  EXPECT(scan(instance, "{\"table\":\"t\"}"), "1;2;");
  plugin->destroy(instance);
}

static void other_encodings_arrive_as_utf8(void) {
  source("PRAGMA encoding='UTF-16le'; PRAGMA page_size=512; CREATE TABLE t(a TEXT); INSERT INTO t VALUES('é😀');");
  sluice_instance *instance = create("{}");
  EXPECT_HAS(schema_of(instance, "t"), "\"encoding\":\"UTF-16le\",\"page_size\":512");
  EXPECT(scan(instance, "{\"table\":\"t\"}"), "'é😀';");
  plugin->destroy(instance);
}

static const char *const large = "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT);"
                                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
                                 "INSERT INTO t SELECT i, '" CANARY "-' || i FROM n;";

static void what_is_no_database_is_named(void) {
  static const char *const junk[] = {"", "a,b\n1,2\n", "SQLite format 3"};
  for (size_t i = 0; i < sizeof junk / sizeof *junk; i++) {
    no_source();
    fake.data = (const uint8_t *)junk[i];
    fake.size = strlen(junk[i]);
    sluice_instance *instance = create("{}");
    EXPECT_HAS(inventory(instance), i == 0 ? "8 The file is empty" : "8 This is no SQLite database, or it is encrypted");
    plugin->destroy(instance);
  }
}

static void a_truncated_file_is_named(void) {
  source(large);
  fake.size = fake.size / 2;
  sluice_instance *instance = create("{}");
  EXPECT_HAS(inventory(instance), "8 The SQLite file is cut short");
  plugin->destroy(instance);
  /* The same when the header cannot tell: another version wrote last. */
  source(large);
  content[27] ^= 1;
  fake.size = fake.size / 2 / 4096 * 4096;
  instance = create("{}");
  EXPECT_HAS(scan(instance, "{\"table\":\"t\"}"), "8 The SQLite ");
  plugin->destroy(instance);
}

static void a_damaged_file_is_named(void) {
  source(large);
  memset(content + 4096 * 20, 0xA5, 4096 * 10);
  sluice_instance *instance = create("{}");
  EXPECT_HAS(schema_of(instance, "t"), "8 The SQLite database is damaged");
  plugin->destroy(instance);
  source(large);
  memset(content + 100, 0xA5, 300);
  instance = create("{}");
  EXPECT_HAS(inventory(instance), "8 The SQLite database is damaged");
  plugin->destroy(instance);
}

static void random_damage_never_breaks_the_connector(void) {
  source("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c REAL); CREATE TABLE w(k TEXT PRIMARY KEY, v) WITHOUT ROWID;"
         "CREATE VIEW v AS SELECT a FROM t; CREATE TABLE g(a INT, b AS (a * 2));"
         "INSERT INTO t VALUES(1,'" CANARY "',1.5),(2,hex(zeroblob(3000)),NULL); INSERT INTO w VALUES('x',1),('y','z');"
         "INSERT INTO g VALUES(1),(2);");
  uint64_t size = fake.size;
  uint8_t *whole = malloc(size);
  memcpy(whole, content, size);
  for (uint64_t seed = 1; seed <= 1500; seed++) {
    uint64_t random = seed;
    memcpy(content, whole, size);
    int hits = 1 + (int)(next_random(&random) % 12);
    for (int i = 0; i < hits; i++) {
      /* Half of them near the start of a page, where the structure is. */
      uint64_t at = next_random(&random) % size;
      if (next_random(&random) % 2) at = at / 4096 * 4096 + at % 128;
      content[at] = (uint8_t)next_random(&random);
    }
    fake.size = next_random(&random) % 8 ? size : next_random(&random) % size;
    sluice_instance *instance = create("{}");
    char *text[] = {inventory(instance), schema_of(instance, "t"), split(instance, "t", 3),
                    scan(instance, "{\"table\":\"t\"}"), scan(instance, "{\"table\":\"w\"}"),
                    scan(instance, "{\"table\":\"g\"}")};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
      const char *message = strchr(text[i], '!');
      int failed = text[i][0] >= '1' && text[i][0] <= '9' && text[i][1] == ' ';
      if (i < 3 && strstr(text[i], CANARY) && failed) CHECK(!"an error held a value");
      if (message && strstr(message, CANARY)) fprintf(stderr, "  seed %d: %s\n", (int)seed, text[i]);
      free(text[i]);
    }
    plugin->destroy(instance);
  }
  free(whole);
}

/* Read all the parts one after the other; they must give what one scan gives. */
static void splits_together_are_the_table(void) {
  static const char *const tables[] = {
      "CREATE TABLE t(a INTEGER PRIMARY KEY); INSERT INTO t VALUES(-9223372036854775808),(-5),(0),(3),(9223372036854775807);",
      "CREATE TABLE t(a INTEGER PRIMARY KEY); INSERT INTO t VALUES(1),(2),(3),(100),(101),(1000);",
      "CREATE TABLE t(a INTEGER PRIMARY KEY); INSERT INTO t VALUES(42);"};
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
    source(tables[i]);
    for (uint32_t parts = 1; parts <= 7; parts++) {
      sluice_instance *instance = create("{}");
      char *whole = scan(instance, "{\"table\":\"t\"}");
      char *splits = split(instance, "t", parts);
      sluice_kit_json *json = NULL;
      CHECK(sluice_kit_json_parse(sluice_kit_str(splits), &json, NULL) == SLUICE_OK);
      const sluice_kit_value *list = sluice_kit_json_get(sluice_kit_json_root(json), "splits");
      CHECK(list->count >= 1 && list->count <= parts);
      sluice_kit_writer together = {0};
      for (const sluice_kit_value *one = list->first; one; one = one->next) {
        char request[200];
        snprintf(request, sizeof request, "{\"table\":\"t\",\"split\":\"%.*s\"}",
                 SLUICE_KIT_ARG(sluice_kit_json_get(one, "id")->text));
        char *rows = scan(instance, request);
        sluice_kit_append(&together, rows, strlen(rows));
        free(rows);
      }
      sluice_kit_append(&together, "", 1);
      CHECK_TEXT(together.data, whole);
      sluice_kit_writer_free(&together);
      sluice_kit_json_free(json);
      free(splits);
      free(whole);
      plugin->destroy(instance);
    }
  }
}

static void bad_requests_are_named(void) {
  source("CREATE TABLE t(a INT, b INT)");
  static const struct {
    const char *request;
    const char *part;
  } bad[] = {{"", "malformed"},
             {"[]", "must be a JSON object"},
             {"{\"table\":1}", "/table"},
             {"{\"table\":\"t\",\"what\":1}", "/what"},
             {"{\"table\":\"t\",\"columns\":[]}", "/columns"},
             {"{\"table\":\"t\",\"columns\":[\"a\",\"a\"]}", "/columns/1"},
             {"{\"table\":\"t\",\"columns\":[\"a\",\"c\"]}", "/columns/1"},
             {"{\"table\":\"t\",\"columns\":[1]}", "/columns/0"},
             {"{\"table\":\"t\",\"batch_rows\":0}", "/batch_rows"},
             {"{\"table\":\"t\",\"skip_rows\":-1}", "/skip_rows"},
             {"{\"table\":\"t\",\"split\":\"rowid:1\"}", "/split"},
             {"{\"table\":\"t\",\"split\":\"rowid:1:99999999999999999999\"}", "/split"},
             {"{\"table\":\"t\",\"split\":7}", "/split"}};
  sluice_instance *instance = create("{}");
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) EXPECT_HAS(scan(instance, bad[i].request), bad[i].part);
  plugin->destroy(instance);
  CHECK(plugin->create(sluice_kit_str("{\"mode\":\"raw\"}"), 1, &instance, NULL) == SLUICE_DETERMINISTIC_FAILURE);
  CHECK(plugin->create(sluice_kit_str("{\"path\":\"x\"}"), 1, &instance, NULL) == SLUICE_DETERMINISTIC_FAILURE);
}

static void metadata_only_reads_no_row(void) {
  source(large);
  sluice_instance *instance = create("{\"mode\":\"metadata_only\"}");
  char *text = schema_of(instance, "t");
  CHECK_HAS(text, "a:l b:u {");
  CHECK(!strstr(text, "row_count"));
  free(text);
  CHECK(fake.bytes_read < 20000);
  EXPECT_HAS(scan(instance, "{\"table\":\"t\"}"), "1 Rows are not read under metadata_only");
  EXPECT_HAS(split(instance, "t", 2), "1 Rows are not read under metadata_only");
  plugin->destroy(instance);
}

static void cancelling_stops_a_scan(void) {
  source(large);
  sluice_instance *instance = create("{}");
  struct ArrowArrayStream stream;
  struct ArrowArray batch;
  CHECK(ops->scan(instance, sluice_kit_str("{\"table\":\"t\",\"batch_rows\":10}"), &stream, NULL) == SLUICE_OK);
  CHECK(stream.get_next(&stream, &batch) == 0);
  batch.release(&batch);
  plugin->cancel(instance);
  CHECK(stream.get_next(&stream, &batch) == ECANCELED);
  stream.release(&stream);
  plugin->destroy(instance);
  fake.cancelled = 1;
  instance = create("{}");
  EXPECT_HAS(schema_of(instance, "t"), "5 Cancelled or out of time");
  plugin->destroy(instance);
}

static void a_host_that_fails_to_read_is_told_apart(void) {
  source(large);
  fake.fail_after = 5;
  sluice_instance *instance = create("{}");
  EXPECT_HAS(schema_of(instance, "t"), "7 The source could not be read");
  fake.fail_after = 0;
  EXPECT_HAS(schema_of(instance, "t"), "\"row_count\":20000");
  plugin->destroy(instance);
}

static void a_stream_outlives_its_instance(void) {
  source("CREATE TABLE t(a INT); INSERT INTO t VALUES(1),(2),(3)");
  sluice_instance *instance = create("{}");
  struct ArrowArrayStream stream;
  CHECK(ops->scan(instance, sluice_kit_str("{\"table\":\"\"}"), &stream, NULL) == SLUICE_OK);
  plugin->destroy(instance);
  EXPECT(drain(&stream), "1;2;3;");
}

static void two_instances_do_not_meet(void) {
  source("CREATE TABLE t(a INT); INSERT INTO t VALUES(1)");
  sluice_instance *first = create("{}");
  sluice_instance *second = create("{}");
  EXPECT(scan(first, "{\"table\":\"\"}"), "1;");
  EXPECT(scan(second, "{\"table\":\"\"}"), "1;");
  plugin->destroy(first);
  EXPECT(scan(second, "{\"table\":\"\"}"), "1;");
  plugin->destroy(second);
}

static void generated_columns_and_hostile_schemas(void) {
  source("CREATE TABLE g(a INT, b INT AS (a * 2), c TEXT AS (upper('x' || a)) STORED); INSERT INTO g VALUES(1),(2);");
  sluice_instance *instance = create("{}");
  EXPECT(scan(instance, "{\"table\":\"g\"}"), "1|2|'X1';2|4|'X2';");
  plugin->destroy(instance);
  source("CREATE TABLE h(a, b); INSERT INTO h(a) VALUES('x'); PRAGMA writable_schema=ON;"
         "UPDATE sqlite_schema SET sql='CREATE TABLE h(a, b AS (load_extension(a)))' WHERE name='h';");
  instance = create("{}");
  EXPECT_HAS(scan(instance, "{\"table\":\"h\"}"), "8 The SQLite database is damaged");
  plugin->destroy(instance);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  plugin = load_plugin(argv[1]);
  if (!plugin) return 2;
  ops = plugin->ops;
  RUN(tables_are_listed_and_described);
  RUN(an_empty_table_has_a_schema_and_no_batch);
  RUN(nothing_is_lost_when_values_break_their_declaration);
  RUN(embedded_nul_and_wide_integers_survive);
  RUN(without_rowid_tables_come_in_key_order);
  RUN(odd_names_are_names);
  RUN(the_names_of_the_host_s_columns_are_refused);
  RUN(a_table_must_be_named_when_there_are_several);
  RUN(names_in_an_error_are_capped);
  RUN(a_database_in_wal_mode_is_read);
  RUN(other_encodings_arrive_as_utf8);
  RUN(what_is_no_database_is_named);
  RUN(a_truncated_file_is_named);
  RUN(a_damaged_file_is_named);
  RUN(random_damage_never_breaks_the_connector);
  RUN(splits_together_are_the_table);
  RUN(bad_requests_are_named);
  RUN(metadata_only_reads_no_row);
  RUN(cancelling_stops_a_scan);
  RUN(a_host_that_fails_to_read_is_told_apart);
  RUN(a_stream_outlives_its_instance);
  RUN(two_instances_do_not_meet);
  RUN(generated_columns_and_hostile_schemas);
  no_source();
  return finish_tests();
}
