/* with_terminal TERMINAL PROGRAM ARGUMENT…: a new session whose terminal that is, and the program in it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 3)
    return 64;
  if (setsid() < 0) {
    perror("setsid");
    return 71;
  }
  int fd = open(argv[1], O_RDWR | O_CLOEXEC);
  if (fd < 0 || ioctl(fd, TIOCSCTTY, 0) != 0) {
    perror(argv[1]);
    return 71;
  }
  execv(argv[2], argv + 2);
  perror(argv[2]);
  return 71;
}
