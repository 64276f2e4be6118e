/* set_id_program FILE: makes the file. Installed with another owner and its set-user-id bit, whose file is it then? */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int fd = argc == 2 ? open(argv[1], O_WRONLY | O_CREAT | O_EXCL, 0600) : -1;
  return fd < 0 || close(fd) != 0;
}
