/* What the three good plugins have in common: they keep every rule of docs/abi.md without a kit. With -DFAULT_<NAME> one
 * rule is broken, once; faults.json beside this file says which check must find it. */
#ifndef GOOD_H
#define GOOD_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "sluice/sluice.h"

#if defined(__GNUC__)
#define UNUSED __attribute__((unused))
#endif

static sluice_host host;

struct sluice_instance {
  sluice_handle context;
  atomic_int cancelled;
  const char *config;
  int64_t rows, ordinals; /* a check's */
  int begun;
};

/* --- outputs -------------------------------------------------------------------------------------------------------- */

static sluice_status fail(sluice_error *error, sluice_status status, const char *message) {
  if (error && error->struct_size >= SLUICE_ERROR_SIZE_V1) {
    error->code = status;
    error->message.data = message;
    error->message.size = strlen(message);
    error->retryable = status == SLUICE_TIMEOUT;
    error->reserved = 0;
    error->retry_after_ms = 0;
    error->private_data = NULL;
    error->release = NULL;
  }
  return status;
}

static sluice_status refuse(sluice_error *error) {
  return fail(error, SLUICE_DETERMINISTIC_FAILURE, "an argument cannot be used: docs/abi.md says which are refused");
}

static int bad_text(sluice_str text) { return (!text.data && text.size) || text.size > SLUICE_TEXT_MAX; }
static int bad_out(const sluice_text *out) { return !out || out->struct_size < SLUICE_TEXT_SIZE_V1; }

static void release_text(sluice_text *self) {
#ifdef FAULT_RELEASE_AFTER_MOVE
  self = self->private_data; /* where it lay when it was filled */
  free((char *)self->data);
#else
  free(self->private_data);
#endif
  self->data = NULL;
  self->size = 0;
  self->private_data = NULL;
#ifndef FAULT_RELEASE_ONCE
  self->release = NULL;
#endif
}

static sluice_status give(sluice_text *out, const char *text, sluice_error *error) {
  char *copy = strdup(text);
  if (!copy)
    return fail(error, SLUICE_QUOTA_EXHAUSTED, "out of memory");
#ifdef FAULT_OVERSIZED_STRUCT
  memset((char *)out + sizeof out->struct_size, 0, out->struct_size - sizeof out->struct_size);
#endif
  out->reserved = 0;
  out->data = copy;
  out->size = strlen(text);
  out->private_data = copy;
#ifdef FAULT_RELEASE_AFTER_MOVE
  out->private_data = out;
#endif
  out->release = release_text;
  return SLUICE_OK;
}

/* --- what the sandbox is for ---------------------------------------------------------------------------------------- */

UNUSED static void *rest(void *nothing) {
  const struct timespec moment = {0, 30000000};
  nanosleep(&moment, NULL);
  return nothing;
}

UNUSED static void misbehave(void) {
#ifdef FAULT_NETWORK
  (void)socket(AF_INET, SOCK_STREAM, 0);
#endif
#ifdef FAULT_FILES
  (void)open("/etc/passwd", O_RDONLY | O_CLOEXEC); /* once */
#endif
#ifdef FAULT_RUN_TIME_FILES
  for (int i = 0; i < 4; i++) {
    (void)open("/usr/lib/locale/locale-archive", O_RDONLY | O_CLOEXEC);
    (void)open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  }
#endif
#ifdef FAULT_CLONES
  (void)syscall(SYS_clone, (FAULT_CLONES) | ((FAULT_CLONES) ? 0x10f00 : 0), 0, 0, 0, 0); /* with those of a thread */
#endif
#ifdef FAULT_SHUTS_LISTENER
  for (int fd = 4; fd < 64; fd++)
    (void)close(fd);
  (void)socket(AF_INET, SOCK_STREAM, 0);
#endif
#if defined(FAULT_FORGES) || defined(FAULT_FORGES_AND_GOES_ON)
  static const char forged[] = "{\"status\":\"Passed\"}\n";
  if (write(3, forged, sizeof forged - 1) < 0)
    abort();
#ifdef FAULT_FORGES
  _exit(0);
#endif
#endif
#ifdef FAULT_EXEC
  (void)syscall(SYS_execve, "/bin/true", NULL, NULL);
#endif
#ifdef FAULT_SPAWNS
  if (system("true") != 0) /* posix_spawn blocks every signal */
    abort();
#endif
#ifdef FAULT_PTRACE
  (void)syscall(SYS_process_vm_readv, 1, NULL, 0, NULL, 0, 0);
#endif
#ifdef FAULT_SIGNALS
  (void)syscall(SYS_kill, 1, 0);
#endif
#ifdef FAULT_IO_URING
  (void)syscall(SYS_io_uring_setup, 1, NULL);
#endif
#ifdef FAULT_NAMESPACES
  (void)syscall(SYS_unshare, 0x10000000);
#endif
#ifdef FAULT_CODE
  (void)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#endif
#ifdef FAULT_MEMORY
  volatile char *memory = malloc(100u << 20);
  for (size_t i = 0; memory && i < 100u << 20; i += 4096)
    memory[i] = 1;
  free((char *)memory);
#endif
#ifdef FAULT_THREADS
  pthread_t threads[6];
  int n = 0;
  while (n < 6 && pthread_create(&threads[n], NULL, rest, NULL) == 0)
    n++;
  while (n > 0)
    pthread_join(threads[--n], NULL);
#endif
#ifdef FAULT_DESCRIPTORS
  int files[20], n = 0;
  while (n < 20 && (files[n] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
    n++;
  while (n > 0)
    close(files[--n]);
#endif
#ifdef FAULT_TIME
  const struct timespec long_time = {0, 400000000};
  nanosleep(&long_time, NULL);
#endif
}

/* In the first call of ordinary use. */
static void first_call(sluice_instance *self) {
  static int once;
  if (!once++)
    misbehave();
#ifdef FAULT_BORROWED_KEPT
  if (self->config && self->config[0] == '\0')
    abort();
#endif
  if (host.log)
    host.log(self->context, SLUICE_LOG_DEBUG, (sluice_str){"begun", 5});
}

/* 1 when the running call shall end. */
static int stopped(sluice_instance *self) {
#ifdef FAULT_CANCEL_RACE
  return atomic_load(&self->cancelled); /* for ever */
#else
  return host.cancelled && host.cancelled(self->context);
#endif
}

/* --- the table ------------------------------------------------------------------------------------------------------ */

static _Thread_local int is_call_thread;

static sluice_status describe(sluice_text *out, sluice_error *error) {
#ifdef FAULT_DESCRIBE_TIME
  static int times;
  const struct timespec long_time = {0, 150000000};
  if (times++ < 3)
    nanosleep(&long_time, NULL);
#endif
  return bad_out(out) ? refuse(error) : give(out, "{\"summary\":\"Keeps the rules.\"}", error);
}

static sluice_status create(sluice_str config_json, sluice_handle context, sluice_instance **out, sluice_error *error) {
  if (bad_text(config_json) || !out)
    return refuse(error);
  if (config_json.size > 0 && config_json.data[0] != '{')
    return fail(error, SLUICE_DETERMINISTIC_FAILURE, "the configuration is no object: give one");
#if defined(FAULT_EARLY) || defined(FAULT_EARLY_REFUSED)
  (void)socket(AF_INET, SOCK_STREAM, 0);
#endif
#ifdef FAULT_EARLY_REFUSED
  return fail(error, SLUICE_DETERMINISTIC_FAILURE, "there is no source");
#endif
  sluice_instance *self = calloc(1, sizeof *self);
  if (!self)
    return fail(error, SLUICE_QUOTA_EXHAUSTED, "out of memory");
#ifdef FAULT_CREATE_DESTROY
  void *volatile lost = malloc(64);
  (void)lost;
#endif
  self->context = context;
  self->config = config_json.size ? config_json.data : NULL;
  *out = self;
  return SLUICE_OK;
}

UNUSED static void *speak_up(void *context) {
  const struct timespec moment = {0, 5000000};
  nanosleep(&moment, NULL);
  host.log((sluice_handle)(uintptr_t)context, SLUICE_LOG_INFO, (sluice_str){"late", 4});
  return NULL;
}

static void destroy(sluice_instance *self) {
#ifdef FAULT_CALLBACK_AFTER_DESTROY
  static int once;
  pthread_t thread;
  if (self && !once++ && pthread_create(&thread, NULL, speak_up, (void *)(uintptr_t)self->context) == 0)
    pthread_detach(thread);
#endif
  free(self);
}

static void cancel(sluice_instance *self) {
#ifdef FAULT_CANCEL_HANGS
  for (;;)
    pause();
#endif
  if (self)
    atomic_store(&self->cancelled, 1);
}

static const void *get_extension(sluice_str id) {
#ifdef FAULT_WRONG_THREAD
  if (!is_call_thread)
    abort();
#endif
#ifdef FAULT_UNKNOWN_EXTENSION
  if (id.size > 4 && id.size < 64 && id.data && memcmp(id.data, "org.", 4) == 0)
    return &host;
#endif
  (void)id;
  return NULL;
}

static int accept_host(const sluice_host_info *info) {
#ifndef FAULT_SHORT_STRUCT
  if (!info || info->struct_size < SLUICE_HOST_INFO_SIZE_V1)
    return 0;
  if (info->abi_major != SLUICE_ABI_MAJOR || !info->host || info->host->struct_size < SLUICE_HOST_SIZE_V1)
    return 0;
#else
  if (!info || info->struct_size < 8 || info->abi_major != SLUICE_ABI_MAJOR)
    return 0;
  if (info->struct_size < SLUICE_HOST_INFO_SIZE_V1)
    return 1; /* and looks no further */
#endif
#ifdef FAULT_OLDER_HOST
  if (info->abi_minor < SLUICE_ABI_MINOR)
    return 0;
#endif
#ifdef FAULT_NEWER_HOST
  if (info->abi_minor > SLUICE_ABI_MINOR)
    return 0;
#endif
#ifdef FAULT_DOUBLE_INIT
  static int once;
  if (once++)
    abort();
#endif
  size_t size = info->host->struct_size < sizeof host ? info->host->struct_size : sizeof host;
  memset(&host, 0, sizeof host);
  memcpy(&host, info->host, size);
  is_call_thread = 1;
  return 1;
}

#define PLUGIN(KIND, ID, OPS)                                                                                          \
  static const sluice_plugin table = {                                                                                 \
      .struct_size = sizeof table,                                                                                     \
      .abi_major = SLUICE_ABI_MAJOR,                                                                                   \
      .abi_minor = SLUICE_ABI_MINOR,                                                                                   \
      .kind = (KIND),                                                                                                  \
      .id = {ID, sizeof(ID) - 1},                                                                                      \
      .version = {"0.1.0", 5},                                                                                         \
      .describe = describe,                                                                                            \
      .create = create,                                                                                                \
      .destroy = destroy,                                                                                              \
      .cancel = cancel,                                                                                                \
      .ops = (OPS),                                                                                                    \
      .get_extension = get_extension,                                                                                  \
  };                                                                                                                   \
  const sluice_plugin *sluice_plugin_entry(const sluice_host_info *info) { return accept_host(info) ? &table : NULL; }

#endif
