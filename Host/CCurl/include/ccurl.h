/* Thin C face over libcurl and zlib: what Swift cannot import (variadic functions, a union), and libraries that are
 * loaded with the first request. Linked in the usual way it would cost every start of the host 5 ms, for its own libraries.
 *
 * ccurl_load comes before any other call and may come from any thread. Everything else is libcurl's: handles belong to
 * one thread at a time, but ccurl_multi_wakeup may come from another. */
#ifndef SLUICE_CCURL_H
#define SLUICE_CCURL_H

#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>

/* NULL, or why there is no libcurl (valid for ever). Loads and sets it up once; the memory that it frees is zeroed,
 * because requests lie in it with their credentials. */
const char *ccurl_load(void);
const char *ccurl_version(void);

CURL *ccurl_easy_init(void);
void ccurl_easy_cleanup(CURL *easy);
/* Options by the type of their value. A string is copied by libcurl; what a pointer points to is not. */
int ccurl_set_long(CURL *easy, CURLoption option, long value);
int ccurl_set_size(CURL *easy, CURLoption option, int64_t value);
int ccurl_set_text(CURL *easy, CURLoption option, const char *value);
int ccurl_set_pointer(CURL *easy, CURLoption option, const void *value);

/* As libcurl defines them: what they return other than all of `size` * `count` ends the transfer. */
typedef size_t (*ccurl_take)(char *data, size_t size, size_t count, void *context);
/* 1 when a connection to this address may be made. */
typedef int (*ccurl_allow)(const struct sockaddr *address, void *context);
/* 1 when the request may be sent over the connection to this address (its usual text) and port. */
typedef int (*ccurl_ask)(const char *address, int port, void *context);

/* Where `context` goes to all four. It must outlive the transfer. The members behind it are filled in here: begin with
 * zeroes. */
struct ccurl_hooks {
  ccurl_take body;
  ccurl_take header;
  ccurl_allow allow;
  ccurl_ask ask;
  void *context;
  CURL *easy;
  /* Of the connection that the request goes over: its OpenSSL, or NULL. */
  void *tls;
  /* Bytes came behind the end of the answer. */
  int has_surplus;
};
int ccurl_set_hooks(CURL *easy, struct ccurl_hooks *hooks);

int64_t ccurl_info_size(CURL *easy, CURLINFO info);
long ccurl_info_long(CURL *easy, CURLINFO info);

/* The socket of the connection that a transfer used, if it is open and kept, or -1. Before ccurl_multi_remove. */
int ccurl_socket(CURL *easy);
/* Whether the answer of a transfer that ended well is all that its connection has read; for https only what OpenSSL says
 * counts, and with another library, which nobody can ask, the answer is 0. While ccurl_socket is not -1. */
int ccurl_is_drained(const struct ccurl_hooks *hooks, int is_https);
/* Whether nothing has come over a socket that should be idle: no byte and no end. */
int ccurl_is_quiet(int socket);

/* Keeps one connection at most between its transfers; ccurl_multi_cleanup closes it. */
CURLM *ccurl_multi_init(void);
void ccurl_multi_cleanup(CURLM *multi);
int ccurl_multi_add(CURLM *multi, CURL *easy);
void ccurl_multi_remove(CURLM *multi, CURL *easy);
/* One step of all transfers; the number of those that still run, or -1. */
int ccurl_multi_step(CURLM *multi);
/* Wait until a socket is ready, `milliseconds` have passed, or ccurl_multi_wakeup. */
void ccurl_multi_wait(CURLM *multi, int milliseconds);
void ccurl_multi_wakeup(CURLM *multi);
/* The CURLcode of a transfer that ended, or -1 when none has. */
int ccurl_multi_result(CURLM *multi);

/* One coded body: gzip, or deflate as RFC 9110 §8.4.1.2 has it or without its frame. NULL when there is no memory; zeroed
 * by ccurl_inflate_end, which every one needs. One thread at a time. */
struct ccurl_inflate *ccurl_inflate_begin(int is_gzip);
/* Decodes part of `in`, at most `out_size` bytes of it, and says how much was `used` and `made`. 1 at the end of the
 * coded body, 0 before, -1 when it is broken or there is no memory. */
int ccurl_inflate_step(struct ccurl_inflate *self, const void *in, size_t in_size, void *out, size_t out_size,
                       size_t *used, size_t *made);
void ccurl_inflate_end(struct ccurl_inflate *self);
/* Zeroes memory, whatever the compiler knows of its use. */
void ccurl_wipe(void *memory, size_t size);

const char *ccurl_text(int code);
/* Seconds since 1970 of an HTTP date (RFC 9110 §5.6.7), or -1. */
int64_t ccurl_date(const char *text);

#endif
