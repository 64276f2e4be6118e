/* The source stream as SQLite's file system.
 *
 * There is one file, the source itself, read through the host; it never changes, so there are no locks, no journal, no
 * write-ahead log, no shared memory and no mapping. Temporary files are refused: the connection keeps them in memory.
 * The file system also answers for time and randomness, so that SQLite asks the operating system for nothing. */
#include "connector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW (256u * 1024u)

/* Bytes 18 and 19 of the header are the file format's write and read version: 1 rollback journal, 2 write-ahead log. */
#define VERSION_OFFSET 18u
#define VERSION_WAL 2u
#define VERSION_JOURNAL 1u

typedef struct source_file {
  sqlite3_file base;
  sluice_instance *instance;
} source_file;

static int fetch(sluice_instance *self, uint64_t offset, void *buffer, uint64_t size, uint64_t *got) {
  *got = 0;
  while (*got < size) {
    uint64_t part = 0;
    sluice_error error = {.struct_size = sizeof error};
    sluice_status status = connector_host.read_at(self->context, 0, offset + *got, (uint8_t *)buffer + *got,
                                                  size - *got, &part, &error);
    sluice_kit_error_clear(&error);
    if (status != SLUICE_OK || part > size - *got) {
      self->source_status = status == SLUICE_OK ? SLUICE_TRANSIENT_ERROR : status;
      return SQLITE_IOERR_READ;
    }
    if (part == 0) break;
    *got += part;
  }
  return SQLITE_OK;
}

/* Reads that follow each other, as a scan's do, are served from one larger read; scattered ones go straight through.
 * Under metadata_only nothing is read ahead: rows may lie there. */
int vfs_read(sluice_instance *self, uint64_t offset, void *buffer, uint64_t size, uint64_t *got) {
  int result = SQLITE_OK;
  int inside = self->window && offset >= self->window_offset && offset - self->window_offset < self->window_size &&
               size <= self->window_size - (offset - self->window_offset);
  if (!inside && !self->metadata_only && offset == self->sequential && size < WINDOW) {
    if (!self->window) self->window = malloc(WINDOW);
    if (self->window) {
      self->window_size = 0;
      result = fetch(self, offset, self->window, WINDOW, &self->window_size);
      if (result != SQLITE_OK) self->window_size = 0;
      self->window_offset = offset;
      inside = 1;
    }
  }
  self->sequential = offset + size;
  if (!inside) return fetch(self, offset, buffer, size, got);
  if (result != SQLITE_OK) return result;
  uint64_t from = offset - self->window_offset;
  uint64_t left = self->window_size > from ? self->window_size - from : 0;
  *got = size < left ? size : left;
  memcpy(buffer, self->window + from, *got);
  return SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *buffer, int size, sqlite3_int64 offset) {
  sluice_instance *self = ((source_file *)file)->instance;
  uint64_t got = 0;
  if (size < 0 || offset < 0) return SQLITE_IOERR_READ;
  int result = vfs_read(self, (uint64_t)offset, buffer, (uint64_t)size, &got);
  if (result != SQLITE_OK) return result;
  /* The host has made sure that there is no log beside the source, so the file is whole without one. SQLite skips the
   * log of an immutable file by itself; the rewritten header keeps that from being a matter of its version. */
  for (uint64_t at = VERSION_OFFSET; at < VERSION_OFFSET + 2; at++) {
    if (at < (uint64_t)offset || at - (uint64_t)offset >= got) continue;
    uint8_t *version = (uint8_t *)buffer + (at - (uint64_t)offset);
    if (*version == VERSION_WAL) *version = VERSION_JOURNAL;
  }
  if (got == (uint64_t)size) return SQLITE_OK;
  memset((uint8_t *)buffer + got, 0, (uint64_t)size - got);
  return SQLITE_IOERR_SHORT_READ;
}

static int file_close(sqlite3_file *file) {
  (void)file;
  return SQLITE_OK;
}

static int file_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset) {
  (void)file, (void)data, (void)size, (void)offset;
  return SQLITE_READONLY;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
  (void)file, (void)size;
  return SQLITE_READONLY;
}

static int file_sync(sqlite3_file *file, int flags) {
  (void)file, (void)flags;
  return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
  *size = (sqlite3_int64)((source_file *)file)->instance->size;
  return SQLITE_OK;
}

static int file_lock(sqlite3_file *file, int level) {
  (void)file, (void)level;
  return SQLITE_OK;
}

static int file_reserved(sqlite3_file *file, int *held) {
  (void)file;
  *held = 0;
  return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
  (void)file, (void)operation, (void)argument;
  return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *file) {
  (void)file;
  return 4096;
}

static int file_traits(sqlite3_file *file) {
  (void)file;
  return SQLITE_IOCAP_IMMUTABLE;
}

/* Version 1: without the methods for shared memory and mapping SQLite can use neither. */
static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_lock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_traits,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
  (void)name;
  file->pMethods = NULL;
  if (!(flags & SQLITE_OPEN_MAIN_DB)) return SQLITE_CANTOPEN;
  ((source_file *)file)->instance = vfs->pAppData;
  file->pMethods = &methods;
  if (out) *out = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
  return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync) {
  (void)vfs, (void)name, (void)sync;
  return SQLITE_READONLY;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *answer) {
  (void)vfs, (void)name, (void)flags;
  *answer = 0;
  return SQLITE_OK;
}

static int vfs_path(sqlite3_vfs *vfs, const char *name, int size, char *out) {
  (void)vfs;
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

static void *vfs_load(sqlite3_vfs *vfs, const char *name) {
  (void)vfs, (void)name;
  return NULL;
}

static void vfs_load_error(sqlite3_vfs *vfs, int size, char *out) {
  (void)vfs;
  sqlite3_snprintf(size, out, "libraries are not loaded");
}

static void (*vfs_symbol(sqlite3_vfs *vfs, void *library, const char *name))(void) {
  (void)vfs, (void)library, (void)name;
  return NULL;
}

static void vfs_unload(sqlite3_vfs *vfs, void *library) { (void)vfs, (void)library; }

/* No number that SQLite draws here reaches a result; a constant makes every run the same. */
static int vfs_random(sqlite3_vfs *vfs, int size, char *out) {
  (void)vfs;
  memset(out, 0x5A, size > 0 ? (size_t)size : 0);
  return size;
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds) {
  (void)vfs;
  return microseconds;
}

/* 1970-01-01T00:00:00Z as a Julian day: a read must not depend on when it happens. */
static int vfs_time(sqlite3_vfs *vfs, double *day) {
  (void)vfs;
  *day = 2440587.5;
  return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *vfs, int size, char *out) {
  (void)vfs, (void)size, (void)out;
  return 0;
}

int vfs_register(sluice_instance *self) {
  snprintf(self->vfs_name, sizeof self->vfs_name, "sluice-%p", (void *)self);
  sqlite3_vfs vfs = {
      .iVersion = 1,
      .szOsFile = sizeof(source_file),
      .mxPathname = 64,
      .zName = self->vfs_name,
      .pAppData = self,
      .xOpen = vfs_open,
      .xDelete = vfs_delete,
      .xAccess = vfs_access,
      .xFullPathname = vfs_path,
      .xDlOpen = vfs_load,
      .xDlError = vfs_load_error,
      .xDlSym = vfs_symbol,
      .xDlClose = vfs_unload,
      .xRandomness = vfs_random,
      .xSleep = vfs_sleep,
      .xCurrentTime = vfs_time,
      .xGetLastError = vfs_last_error,
  };
  self->vfs = vfs;
  /* As the default, because SQLite asks the default file system for randomness whatever a connection uses. */
  int result = sqlite3_vfs_register(&self->vfs, 1);
  self->vfs_registered = result == SQLITE_OK;
  return result;
}

void vfs_unregister(sluice_instance *self) {
  if (self->vfs_registered) sqlite3_vfs_unregister(&self->vfs);
  self->vfs_registered = 0;
  free(self->window);
  self->window = NULL;
}
