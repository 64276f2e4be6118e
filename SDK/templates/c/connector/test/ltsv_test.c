/* Tests of the format alone: no host, no plugin. Ends with a count, and with status 1 when one failed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ltsv.h"

static int passed, failed;

static void expect(int condition, const char *what) {
  condition ? passed++ : failed++;
  if (!condition) printf("FAILED  %s\n", what);
}

/* A source in memory that gives at most `most` bytes at a time. */
typedef struct memory { const char *data; uint64_t size, most; } memory;

static int read_memory(void *context, uint64_t offset, void *buffer, uint64_t size, uint64_t *got) {
  const memory *self = context;
  *got = offset >= self->size ? 0 : self->size - offset;
  if (*got > size) *got = size;
  if (*got > self->most) *got = self->most;
  memcpy(buffer, self->data + (*got ? offset : 0), *got);
  return 0;
}

/* The whole source as text: `number@offset reason-or-values` a record, with | between the values and - for null. */
static void dump(const char *data, uint64_t size, uint64_t most, char *out) {
  memory memory = {data, size, most};
  ltsv_reader reader = {.read = read_memory, .context = &memory};
  ltsv_line line;
  ltsv_columns columns = {0};
  sluice_str values[16];
  *out = 0;
  while (ltsv_next(&reader, &line) == LTSV_LINE) {
    const char *why = columns.names ? NULL : ltsv_columns_of(&line, &columns);
    if (why) {
      strcat(out, why);
      break;
    }
    const char *reject = ltsv_parse(&line, &columns, values);
    out += sprintf(out, "%d@%d ", (int)line.number, (int)line.offset);
    for (int64_t i = 0; !reject && i < columns.n; i++) {
      out += sprintf(out, "%s%.*s", i ? "|" : "", values[i].data ? (int)values[i].size : 1, values[i].data ? values[i].data : "-");
    }
    out += sprintf(out, "%s\n", reject ? reject : "");
  }
  ltsv_columns_free(&columns);
  ltsv_close(&reader);
}

static void gives(const char *source, const char *wanted, const char *what) {
  /* However the source is cut into reads, the records are the same. */
  for (uint64_t most = 1; most <= 64; most *= 8) {
    char found[4096];
    dump(source, strlen(source), most, found);
    if (strcmp(found, wanted) != 0) printf("is      %s\nwanted  %s\n", found, wanted);
    expect(strcmp(found, wanted) == 0, what);
  }
}

static void long_lines(void) {
  uint64_t size = LTSV_LINE_MAX + 100;
  char *text = malloc(size + 64), found[256];
  memcpy(text, "a:1\na:", 6);
  memset(text + 6, 'x', size);
  memcpy(text + 6 + size, "\na:3\n", 5);
  dump(text, size + 11, UINT64_MAX, found);
  char wanted[256];
  sprintf(wanted, "1@0 1\n2@4 CELL_TOO_LARGE\n3@%d 3\n", (int)size + 7);
  expect(strcmp(found, wanted) == 0, "a line above 1 MiB is rejected, and the next one read");
  free(text);
}

int main(void) {
  gives("host:a\tuser:b\nuser:d\thost:c\n", "1@0 a|b\n2@14 c|d\n", "fields in any order");
  gives("a:1\tb:2\r\n\r\n\na:3\n", "1@0 1|2\n4@12 3|-\n", "blank lines are no records, a missing field is null");
  gives("a:\tb:x:y", "1@0 |x:y\n", "an empty value is no null, a colon may be in a value, the last line needs no end");
  gives("a:1\nb:2\na:1\ta:2\nplain\n:x\na:4\t\n", "1@0 1\n2@4 RAGGED_ROW\n3@8 RAGGED_ROW\n4@16 RAGGED_ROW\n5@22 RAGGED_ROW\n6@25 RAGGED_ROW\n", "what does not fit the columns");
  gives("a:1\na:\xff\na:3\n", "1@0 1\n2@4 INVALID_ENCODING\n3@8 3\n", "bytes that are not UTF-8");
  gives("", "", "an empty source has no records");
  gives("id,name\n", "a field of its first record is not label:value", "a source of another format");
  gives("a:1\ta:2\n", "its first record has a label twice", "a label twice");
  gives("sluice.line:1\n", "a label is a reserved name (sluice.line, sluice.byte_offset, sluice.reject)", "a reserved name");
  long_lines();
  printf("%d passed, %d failed\n", passed, failed);
  return failed > 0;
}
