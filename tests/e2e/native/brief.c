/* brief PORT PATH: sends one request to the loopback, reads the answer and is gone within milliseconds. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((unsigned short)strtoul(argv[1], NULL, 10)),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) return 1;
  char text[512];
  int length = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: brief\r\nConnection: close\r\n\r\n", argv[2]);
  if (write(fd, text, (size_t)length) != length) return 1;
  size_t received = 0;
  ssize_t count;
  while ((count = read(fd, text, sizeof text)) > 0) received += (size_t)count;
  return received > 0 && count == 0 ? 0 : 1;
}
