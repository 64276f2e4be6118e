#define _GNU_SOURCE
#include "ccurl.h"
#include "inflate.h"

#include <dlfcn.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The functions that are used, each with the type that curl.h gives it. */
#define FUNCTIONS(each)                                                                                                \
  each(curl_global_init_mem) each(curl_version) each(curl_easy_init) each(curl_easy_cleanup) each(curl_easy_setopt)    \
  each(curl_easy_getinfo) each(curl_easy_strerror) each(curl_multi_init) each(curl_multi_cleanup)                      \
  each(curl_multi_add_handle) each(curl_multi_remove_handle) each(curl_multi_perform) each(curl_multi_poll)            \
  each(curl_multi_wakeup) each(curl_multi_info_read) each(curl_multi_setopt) each(curl_getdate)                        \
  each(curl_version_info)

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt
static struct {
#define MEMBER(name) __typeof__(&name) name;
  FUNCTIONS(MEMBER)
#undef MEMBER
} lib;

/* OpenSSL's, or NULL: whether bytes of a connection were taken off its socket that nobody has read yet. */
static int (*has_pending)(const void *tls);

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char failure[256];

/* --- memory that is zeroed when it is given back -------------------------------------------------------------------- */

void ccurl_zero_free(void *memory) {
  if (!memory)
    return;
  explicit_bzero(memory, malloc_usable_size(memory));
  free(memory);
}

static void *zero_realloc(void *memory, size_t size) {
  if (!memory)
    return malloc(size);
  if (size == 0) {
    ccurl_zero_free(memory);
    return NULL;
  }
  size_t had = malloc_usable_size(memory);
  if (size <= had && size > had / 2)
    return memory;
  void *moved = malloc(size);
  if (!moved)
    return NULL;
  memcpy(moved, memory, had < size ? had : size);
  ccurl_zero_free(memory);
  return moved;
}

/* --- loading -------------------------------------------------------------------------------------------------------- */

static void say(const char *what, const char *why) {
  strncat(failure, what, sizeof failure - 1);
  if (why)
    strncat(failure, why, sizeof failure - strlen(failure) - 1);
}

/* Finds has_pending in the very OpenSSL that libcurl works with: what libcurl's own list of libraries leads to, and of
 * the version that libcurl names. One that is built into libcurl shows no such function, or is of that version. */
static void find_openssl(void *library) {
  const char *(*version)(int) = (const char *(*)(int))(uintptr_t)dlsym(library, "OpenSSL_version");
  int (*pending)(const void *) = (int (*)(const void *))(uintptr_t)dlsym(library, "SSL_has_pending");
  const curl_version_info_data *info = lib.curl_version_info(CURLVERSION_NOW);
  if (!version || !pending || !info || !info->ssl_version)
    return;
  /* "OpenSSL 3.0.19 27 Jan 2026" here, "OpenSSL/3.0.19" there; a libcurl with several says one in brackets. */
  const char *mine = info->ssl_version, *its = version(0);
  for (; *mine && *its && (*mine == *its || (*mine == '/' && *its == ' ')); mine++, its++)
    ;
  if (!*mine && (!*its || *its == ' '))
    has_pending = pending;
}

static void load(void) {
  /* libcurl asks for it once, when it is set up, and would write down the keys of every connection. */
  unsetenv("SSLKEYLOGFILE");
  void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    say("", dlerror());
    return;
  }
#define FIND(name)                                                                                                     \
  if (!(lib.name = (__typeof__(lib.name))(uintptr_t)dlsym(library, #name))) {                                          \
    say("libcurl.so.4 lacks ", #name);                                                                                 \
    return;                                                                                                            \
  }
  FUNCTIONS(FIND)
#undef FIND
  const char *why = ccurl_inflate_load();
  if (why) {
    say("", why);
    return;
  }
  if (lib.curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, ccurl_zero_free, zero_realloc, strdup, calloc) != CURLE_OK) {
    say("libcurl cannot be set up", NULL);
    return;
  }
  find_openssl(library);
}

const char *ccurl_load(void) {
  pthread_once(&once, load);
  return failure[0] ? failure : NULL;
}

const char *ccurl_version(void) { return lib.curl_version(); }

/* --- one transfer --------------------------------------------------------------------------------------------------- */

CURL *ccurl_easy_init(void) { return lib.curl_easy_init(); }
void ccurl_easy_cleanup(CURL *easy) { lib.curl_easy_cleanup(easy); }

int ccurl_set_long(CURL *easy, CURLoption option, long value) { return lib.curl_easy_setopt(easy, option, value); }
int ccurl_set_size(CURL *easy, CURLoption option, int64_t value) {
  return lib.curl_easy_setopt(easy, option, (curl_off_t)value);
}
int ccurl_set_text(CURL *easy, CURLoption option, const char *value) {
  return lib.curl_easy_setopt(easy, option, value);
}
int ccurl_set_pointer(CURL *easy, CURLoption option, const void *value) {
  return lib.curl_easy_setopt(easy, option, value);
}

/* The last look before a connection: libcurl's own idea of the address, whatever led to it. Close-on-exec, so that no
 * runner that is started meanwhile inherits it. */
static curl_socket_t open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address) {
  const struct ccurl_hooks *hooks = data;
  if (purpose != CURLSOCKTYPE_IPCXN || !hooks->allow(&address->addr, hooks->context))
    return CURL_SOCKET_BAD;
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* The last look before a request: the connection stands, whether it is new or was kept. libcurl asks once for each time
 * that it is about to send the request, its own repetitions included. */
static int before_request(void *data, char *address, char *own_address, int port, int own_port) {
  struct ccurl_hooks *hooks = data;
  (void)own_address;
  (void)own_port;
  /* libcurl tells it while the transfer has its connection, and not afterwards. */
  const struct curl_tlssessioninfo *session = NULL;
  hooks->tls = NULL;
  if (lib.curl_easy_getinfo(hooks->easy, CURLINFO_TLS_SSL_PTR, &session) == CURLE_OK && session &&
      session->backend == CURLSSLBACKEND_OPENSSL)
    hooks->tls = session->internals;
  return hooks->ask(address, port, hooks->context) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

/* What libcurl says of its own work. That bytes are left over behind an answer it says nowhere else: it drops those that
 * it has read, and closes the connection in one case of several. */
static int listen_in(CURL *easy, curl_infotype type, char *text, size_t size, void *data) {
  static const char chunks[] = "Leftovers after chunking", excess[] = "Excess found";
  struct ccurl_hooks *hooks = data;
  (void)easy;
  if (type == CURLINFO_TEXT && ((size >= sizeof chunks - 1 && memcmp(text, chunks, sizeof chunks - 1) == 0) ||
                                (size >= sizeof excess - 1 && memcmp(text, excess, sizeof excess - 1) == 0)))
    hooks->has_surplus = 1;
  return 0;
}

int ccurl_set_hooks(CURL *easy, struct ccurl_hooks *hooks) {
  hooks->easy = easy;
  int code = lib.curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, hooks->body);
  if (!code)
    code = lib.curl_easy_setopt(easy, CURLOPT_WRITEDATA, hooks->context);
  if (!code)
    code = lib.curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, hooks->header);
  if (!code)
    code = lib.curl_easy_setopt(easy, CURLOPT_HEADERDATA, hooks->context);
  if (!code)
    code = lib.curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  if (!code)
    code = lib.curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, hooks);
  if (!code)
    code = lib.curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
  if (!code)
    code = lib.curl_easy_setopt(easy, CURLOPT_PREREQDATA, hooks);
  if (!code)
    code = lib.curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, listen_in);
  if (!code)
    code = lib.curl_easy_setopt(easy, CURLOPT_DEBUGDATA, hooks);
  if (!code)
    code = lib.curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
  return code;
}

int64_t ccurl_info_size(CURL *easy, CURLINFO info) {
  curl_off_t value = 0;
  return lib.curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

long ccurl_info_long(CURL *easy, CURLINFO info) {
  long value = 0;
  return lib.curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

int ccurl_socket(CURL *easy) {
  curl_socket_t socket = CURL_SOCKET_BAD;
  return lib.curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &socket) == CURLE_OK ? (int)socket : -1;
}

int ccurl_is_drained(const struct ccurl_hooks *hooks, int is_https) {
  if (hooks->has_surplus)
    return 0;
  return !is_https || (has_pending && hooks->tls && !has_pending(hooks->tls));
}

int ccurl_is_quiet(int socket) {
  struct pollfd waited = {.fd = socket, .events = POLLIN | POLLRDHUP};
  return poll(&waited, 1, 0) == 0;
}

/* --- driving it ----------------------------------------------------------------------------------------------------- */

CURLM *ccurl_multi_init(void) {
  CURLM *multi = lib.curl_multi_init();
  if (multi && lib.curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 1L) != CURLM_OK) {
    lib.curl_multi_cleanup(multi);
    return NULL;
  }
  return multi;
}
void ccurl_multi_cleanup(CURLM *multi) { lib.curl_multi_cleanup(multi); }
int ccurl_multi_add(CURLM *multi, CURL *easy) { return lib.curl_multi_add_handle(multi, easy); }
void ccurl_multi_remove(CURLM *multi, CURL *easy) { lib.curl_multi_remove_handle(multi, easy); }

int ccurl_multi_step(CURLM *multi) {
  int running = 0;
  return lib.curl_multi_perform(multi, &running) == CURLM_OK ? running : -1;
}

void ccurl_multi_wait(CURLM *multi, int milliseconds) { lib.curl_multi_poll(multi, NULL, 0, milliseconds, NULL); }
void ccurl_multi_wakeup(CURLM *multi) { lib.curl_multi_wakeup(multi); }

int ccurl_multi_result(CURLM *multi) {
  int left = 0;
  const CURLMsg *message;
  while ((message = lib.curl_multi_info_read(multi, &left)))
    if (message->msg == CURLMSG_DONE)
      return (int)message->data.result;
  return -1;
}

const char *ccurl_text(int code) { return lib.curl_easy_strerror((CURLcode)code); }
int64_t ccurl_date(const char *text) { return (int64_t)lib.curl_getdate(text, NULL); }
