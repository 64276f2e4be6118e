/* Outcomes, notes of calls, and the watchdog. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "channel.h"
#include "prober.h"

#define LONGEST 2048

static pthread_mutex_t end_lock = PTHREAD_MUTEX_INITIALIZER;
static char last_note[1024];
static _Atomic int64_t watchdog_at; /* CLOCK_MONOTONIC nanoseconds; 0: none */
static const char *_Atomic watchdog_message;

int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void send_all(const char *text, size_t size) {
  while (size) {
    ssize_t put = write(CHANNEL_DESCRIPTOR, text, size);
    if (put < 0 && errno == EINTR)
      continue;
    if (put <= 0)
      _exit(1); /* nobody listens any more */
    text += put;
    size -= (size_t)put;
  }
}

/* Without memory of the heap, which may be what is broken. What is not printable ASCII becomes '?'. */
_Noreturn static void end(const char *status, const char *format, va_list arguments) {
  char detail[LONGEST], line[2 * LONGEST + 192];
  size_t at = 0;
  detail[0] = '\0';
  if (format)
    vsnprintf(detail, sizeof detail, format, arguments);
  at += (size_t)snprintf(line, sizeof line, "{\"status\":\"%s\"", status);
  if (detail[0]) {
    at += (size_t)snprintf(line + at, sizeof line - at, ",\"detail\":\"");
    for (const char *next = detail; *next; next++) {
      unsigned char c = (unsigned char)*next;
      if (c == '"' || c == '\\')
        line[at++] = '\\';
      line[at++] = c >= 0x20 && c < 0x7F ? (char)c : '?';
    }
    line[at++] = '"';
  }
  at += (size_t)snprintf(line + at, sizeof line - at, ",\"nonce\":\"%s\"}\n", task.nonce);
  pthread_mutex_lock(&end_lock); /* for ever: the process ends here */
  send_all(line, at);
  _exit(0);
}

_Noreturn static void warned(const char *format, ...) PRINTF(1, 2);

#define ENDS(function, status)                                                                                         \
  void function(const char *format, ...) {                                                                             \
    va_list arguments;                                                                                                 \
    va_start(arguments, format);                                                                                       \
    end(status, format, arguments);                                                                                    \
  }
ENDS(failed, "Failed")
ENDS(skipped, "Skipped")
ENDS(warned, "Warning")

static char caveats[512];

void caveat(const char *text) {
  size_t at = strlen(caveats);
  if (!strstr(caveats, text))
    snprintf(caveats + at, sizeof caveats - at, "%s%s", at ? "; " : "", text);
}

void passed(void) {
  va_list none;
  calls_caveat();
  if (caveats[0])
    warned("%s", caveats);
  memset(&none, 0, sizeof none);
  end("Passed", NULL, none);
}

void note(const char *format, ...) {
  char line[sizeof last_note + 2];
  va_list arguments;
  va_start(arguments, format);
  int size = vsnprintf(last_note, sizeof last_note, format, arguments);
  va_end(arguments);
  if (size < 0)
    return;
  if ((size_t)size >= sizeof last_note)
    size = sizeof last_note - 1;
  line[0] = '>';
  memcpy(line + 1, last_note, (size_t)size);
  line[size + 1] = '\n';
  send_all(line, (size_t)size + 2);
}

const char *noted(void) { return last_note; }

const char *status_name(sluice_status status) {
  static const char *const names[] = {
      "SLUICE_OK", "SLUICE_POLICY_BLOCK", "SLUICE_DSL_REJECT", "SLUICE_PROVIDER_UNHEALTHY", "SLUICE_RATE_LIMIT",
      "SLUICE_TIMEOUT", "SLUICE_QUOTA_EXHAUSTED", "SLUICE_TRANSIENT_ERROR", "SLUICE_DETERMINISTIC_FAILURE",
      "SLUICE_QUARANTINE_REQUIRED"};
  static char other[32];
  if (status >= 0 && (size_t)status < sizeof names / sizeof *names)
    return names[status];
  snprintf(other, sizeof other, "the status %d", (int)status);
  return other;
}

void watchdog_start(uint64_t milliseconds, const char *message) {
  atomic_store(&watchdog_message, message);
  atomic_store(&watchdog_at, now_ns() + (int64_t)milliseconds * 1000000);
}

void watchdog_stop(void) { atomic_store(&watchdog_at, 0); }

void watchdog_run(void) {
  const struct timespec tick = {0, 5000000};
  for (;;) {
    int64_t at = atomic_load(&watchdog_at);
    if (at != 0 && now_ns() > at)
      failed("%s", atomic_load(&watchdog_message));
    nanosleep(&tick, NULL);
  }
}
