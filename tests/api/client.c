/* Owns the raw sockets of the API tests. */
#include "client.h"
#include "base/mem.h"
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

int client_connect(int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    for (;;) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
            return fd;
        if (fd < 0 || errno != EINTR) {
            perror("connect");
            abort();
        }
        close(fd);
    }
}

void client_send(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

        if (n <= 0)
            return;
        bytes += n;
        len -= (size_t)n;
    }
}

const char *answer_header(const struct answer *answer, const char *name)
{
    static _Thread_local char value[2048];
    size_t len = strlen(name);

    value[0] = '\0';
    for (const char *line = answer->text; line && *line && strncmp(line, "\r\n", 2) != 0;
         line = strstr(line, "\r\n"), line = line ? line + 2 : NULL)
        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            const char *at = line + len + 1 + strspn(line + len + 1, " ");

            snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\r\n"), at);
            break;
        }
    return value;
}

static bool is_whole(struct answer *answer, size_t len, bool of_head)
{
    const char *end = answer->text ? strstr(answer->text, "\r\n\r\n") : NULL;
    const char *length;

    if (!end)
        return false;
    answer->status = atoi(answer->text + strcspn(answer->text, " "));
    answer->body = end + 4;
    if (answer->status == 100 || answer->status == 204 || answer->status == 304 || of_head)
        return true; /* RFC 9110, section 6.4.1: no content */
    length = answer_header(answer, "Content-Length");
    return length[0] && len - (size_t)(answer->body - answer->text) >= (size_t)atol(length);
}

static struct answer read_answer(int fd, bool of_head)
{
    struct answer answer = {0};
    size_t len = 0, cap = 0;

    while (!is_whole(&answer, len, of_head)) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        ssize_t n;

        if (len + 65536 + 1 > cap) {
            cap = cap ? cap * 2 : 131072 + 1;
            answer.text = mem_realloc(answer.text, cap);
        }
        if (poll(&p, 1, 120000) != 1 || (n = recv(fd, answer.text + len, 65536, 0)) <= 0)
            break;
        len += (size_t)n;
        answer.text[len] = '\0';
    }
    if (answer.text && len == 0)
        answer.text[0] = '\0';
    is_whole(&answer, len, of_head);
    if (!answer.body)
        answer.body = "";
    return answer;
}

struct answer client_read(int fd) { return read_answer(fd, false); }

struct answer client_exchange(int port, const char *request)
{
    int fd = client_connect(port);
    struct answer answer;

    client_send(fd, request, strlen(request));
    answer = read_answer(fd, strncmp(request, "HEAD ", 5) == 0);
    close(fd);
    return answer;
}

void answer_fini(struct answer *answer)
{
    free(answer->text);
    *answer = (struct answer){0};
}

bool client_closed_within(int fd, int ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    char waste[4096];

    for (;;) {
        if (poll(&p, 1, ms) != 1)
            return false;
        if (recv(fd, waste, sizeof waste, 0) <= 0)
            return true;
    }
}
