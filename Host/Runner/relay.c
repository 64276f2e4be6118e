/* A face of the C library's sockets that plugins and their libraries see before the C library's own.
 *
 * A symbol that the program defines is found before one of a shared library, so libpq's calls to `socket` and `connect`
 * arrive here. `socket` answers with the descriptor of the connection that the host opened, once; `connect` to the place
 * where that leads succeeds at once. Whatever else is asked for goes to the kernel as it is, where the sandbox answers
 * it. This is a convenience, not a boundary: with the filter in force no socket can be made, connected or disconnected,
 * whoever asks and however. */
#define _DEFAULT_SOURCE
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "services.h"

#define FACE __attribute__((visibility("default")))

/* Written before there is a second thread. */
static int inherited = -1;
static int family;
static struct sockaddr_storage here, there;
static socklen_t here_size, there_size;

static atomic_int offered;
enum { WAITING, HANDED_OUT, CONNECTED };
static atomic_int state;

int relay_prepare(int descriptor) {
  int type = 0;
  socklen_t size = sizeof type;
  here_size = sizeof here;
  there_size = sizeof there;
  if (getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
      getsockname(descriptor, (struct sockaddr *)&here, &here_size) != 0 ||
      getpeername(descriptor, (struct sockaddr *)&there, &there_size) != 0)
    return errno;
  family = here.ss_family;
  if (type != SOCK_STREAM || (family != AF_INET && family != AF_INET6 && family != AF_UNIX))
    return EPROTOTYPE;
  inherited = descriptor;
  return 0;
}

int relay_offer(int descriptor) {
  if (inherited < 0 || descriptor != inherited)
    return 0;
  atomic_store(&offered, 1);
  return 1;
}

int relay_descriptor(void) { return inherited; }

/* To the host's log, where an author looks. */
static void tell(const char *message) {
  const sluice_host *host = services_table();
  sluice_str text = {message, strlen(message)};
  if (host->log)
    host->log(SERVICES_CONTEXT, SLUICE_LOG_ERROR, text);
}

static int refuse(int error, const char *message) {
  tell(message);
  errno = error;
  return -1;
}

/* Whether a call means the relay's connection: only after it was handed out. */
static int is_relay(int fd) { return fd >= 0 && fd == inherited && atomic_load(&state) != WAITING; }

FACE int socket(int domain, int type, int protocol) {
  const int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
  if (!atomic_load(&offered) || (domain != AF_INET && domain != AF_INET6 && domain != AF_UNIX) ||
      (type & ~flags) != SOCK_STREAM)
    return (int)syscall(SYS_socket, domain, type, protocol);
  if (domain != family)
    return refuse(EAFNOSUPPORT, "the relay's connection is of another address family than the socket that was asked for: "
                                "name the server as the configuration's /relay does");
  int waiting = WAITING;
  if (!atomic_compare_exchange_strong(&state, &waiting, HANDED_OUT))
    return refuse(EISCONN, "a second connection was asked for: the host opens one for each instance, and it was handed "
                           "out before");
  if (type & SOCK_NONBLOCK)
    fcntl(inherited, F_SETFL, O_RDWR | O_NONBLOCK);
  return inherited;
}

static int leads_there(const struct sockaddr *address, socklen_t size) {
  if (!address || size < sizeof(sa_family_t) || address->sa_family != family)
    return 0;
  if (family == AF_UNIX)
    return 1; /* one path has many spellings */
  if (family == AF_INET) {
    struct sockaddr_in asked, is;
    if (size < sizeof asked)
      return 0;
    memcpy(&asked, address, sizeof asked);
    memcpy(&is, &there, sizeof is);
    return asked.sin_port == is.sin_port && asked.sin_addr.s_addr == is.sin_addr.s_addr;
  }
  struct sockaddr_in6 asked, is;
  if (size < sizeof asked)
    return 0;
  memcpy(&asked, address, sizeof asked);
  memcpy(&is, &there, sizeof is);
  return asked.sin6_port == is.sin6_port && memcmp(&asked.sin6_addr, &is.sin6_addr, sizeof is.sin6_addr) == 0;
}

FACE int connect(int fd, const struct sockaddr *address, socklen_t size) {
  if (!is_relay(fd))
    return (int)syscall(SYS_connect, fd, address, size);
  if (!leads_there(address, size))
    return refuse(ENETUNREACH, "the relay's connection leads to another address than the one asked for: name the server as "
                               "the configuration's /relay does, by hostaddr and port");
  int handed_out = HANDED_OUT;
  if (!atomic_compare_exchange_strong(&state, &handed_out, CONNECTED)) {
    errno = EISCONN;
    return -1;
  }
  return 0;
}

static int give_int(int value, void *out, socklen_t *size) {
  if (!out || !size || *size < sizeof value) {
    errno = EINVAL;
    return -1;
  }
  memcpy(out, &value, sizeof value);
  *size = sizeof value;
  return 0;
}

FACE int getsockopt(int fd, int level, int option, void *restrict out, socklen_t *restrict size) {
  if (!is_relay(fd))
    return (int)syscall(SYS_getsockopt, fd, level, option, out, size);
  if (level == SOL_SOCKET && option == SO_ERROR)
    return give_int(0, out, size);
  if (level == SOL_SOCKET && option == SO_TYPE)
    return give_int(SOCK_STREAM, out, size);
  errno = ENOPROTOOPT;
  return -1;
}

/* The host set what a connection to a database needs (no delay, keep alive); a library's wish changes nothing. */
FACE int setsockopt(int fd, int level, int option, const void *value, socklen_t size) {
  return is_relay(fd) ? 0 : (int)syscall(SYS_setsockopt, fd, level, option, value, size);
}

static int give_address(const struct sockaddr_storage *address, socklen_t full, struct sockaddr *out, socklen_t *size) {
  if (!size || (!out && *size)) {
    errno = EFAULT;
    return -1;
  }
  memcpy(out, address, *size < full ? *size : full);
  *size = full;
  return 0;
}

FACE int getsockname(int fd, struct sockaddr *restrict out, socklen_t *restrict size) {
  return is_relay(fd) ? give_address(&here, here_size, out, size) : (int)syscall(SYS_getsockname, fd, out, size);
}

FACE int getpeername(int fd, struct sockaddr *restrict out, socklen_t *restrict size) {
  return is_relay(fd) ? give_address(&there, there_size, out, size) : (int)syscall(SYS_getpeername, fd, out, size);
}
