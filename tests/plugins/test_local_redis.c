/* Type `redis` of the provisioner `local` against a real Redis server. */
#include "fake_host.h"
#include "rest_server.h"
#include "test.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SERVER "/usr/bin/redis-server"

struct world {
    struct fake_plugin p;
    pid_t server;
    int port;
    char acl[300];
    const char *certificates; /* directory of TLS's; NULL: none */
};

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CU_ASSERT_FATAL(bind(fd, (struct sockaddr *)&address, len) == 0 && getsockname(fd, (struct sockaddr *)&address, &len) == 0);
    close(fd);
    return ntohs(address.sin_port);
}

static void start(struct world *w)
{
    char port[16];
    int fd = -1;

    snprintf(port, sizeof port, "%d", w->port);
    w->server = fork();
    if (w->server == 0) {
        int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(null_fd, 0), dup2(null_fd, 1), dup2(null_fd, 2);
        if (w->certificates) {
            if (chdir(w->certificates) == 0)
                execl(SERVER, SERVER, "--bind", "127.0.0.1", "--port", "0", "--tls-port", port, "--save", "", "--aclfile", w->acl,
                      "--tls-cert-file", "server.pem", "--tls-key-file", "server.key", "--tls-ca-cert-file", "ca.pem", "--tls-auth-clients",
                      "no", (char *)NULL);
            _exit(127);
        }
        execl(SERVER, SERVER, "--bind", "127.0.0.1", "--port", port, "--save", "", "--aclfile", w->acl, (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 24000 && (fd = connect_to(w->port)) < 0; i++) {
        CU_ASSERT_EQUAL_FATAL(waitpid(w->server, NULL, WNOHANG), 0);
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    CU_ASSERT_FATAL(fd >= 0);
    close(fd);
}

static void halt(struct world *w)
{
    kill(w->server, SIGKILL);
    waitpid(w->server, NULL, 0);
}

static void write_text(const char *dir, const char *name, const char *text)
{
    char path[600];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs(text, file);
    fclose(file);
}

/* certificates: as of world. */
static bool begin_with(struct world *w, const char *certificates)
{
    const char *dir;
    char config[200];

    *w = (struct world){.certificates = certificates};
    if (access(SERVER, X_OK) != 0) {
        test_skip("no redis-server (Debian package redis-server)");
        return false;
    }
    signal(SIGPIPE, SIG_IGN);
    w->port = free_port();
    dir = test_dir();
    snprintf(w->acl, sizeof w->acl, "%s/users.acl", dir);
    write_text(dir, "users.acl", "user default on >admin-password ~* &* +@all\n");
    start(w);
    snprintf(config, sizeof config, "{\"redis\":{\"url\":\"redis://127.0.0.1:%d\",\"password\":\"admin-password\"}}", w->port);
    CU_ASSERT_EQUAL_FATAL(fake_open(&w->p, "local", test_dir(), config), INNO_OK);
    return true;
}

static bool begin(struct world *w) { return begin_with(w, NULL); }

static void end(struct world *w)
{
    fake_close(&w->p);
    halt(w);
}

/* Sends inline commands and gives all that comes back until the server closes. */
static const char *talk(struct world *w, const char *user, const char *password, const char *commands)
{
    static char answer[4000];
    char text[1000];
    int fd = connect_to(w->port);
    size_t used = 0;
    ssize_t n;

    snprintf(text, sizeof text, "AUTH %s %s\r\n%sQUIT\r\n", user, password, commands);
    CU_ASSERT_EQUAL(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
    while (used + 1 < sizeof answer && (n = recv(fd, answer + used, sizeof answer - 1 - used, 0)) > 0)
        used += (size_t)n;
    answer[used] = '\0';
    close(fd);
    return answer;
}

static const char *as_admin(struct world *w, const char *commands) { return talk(w, "default", "admin-password", commands); }

static inno_rc run(struct world *w, enum fake_slot slot)
{
    return fake_run(&w->p, slot,
                    &(struct fake_resource){.type = "redis", .uid = "redis.default#shop.cache", .name = "cache", .params = "{}"});
}

static void well(struct world *w, enum fake_slot slot)
{
    inno_rc rc = run(w, slot);

    if (rc != INNO_OK)
        fprintf(stderr, "%s\n", w->p.call.failure);
    CU_ASSERT_EQUAL(rc, INNO_OK);
}

static void status(struct world *w, const char *state, const char *text)
{
    well(w, FAKE_STATUS);
    if (strcmp(w->p.call.status, state) != 0)
        fprintf(stderr, "%s\n", w->p.call.status_text);
    ASSERT_TEXT(w->p.call.status, state);
    ASSERT_CONTAINS(w->p.call.status_text, text);
}

/* Keys are any bytes; none stays. */
static void test_binary_keys(void)
{
    struct world w;
    char commands[600], prefix[120];

    if (!begin(&w))
        return;
    well(&w, FAKE_PROVISION);
    snprintf(prefix, sizeof prefix, "%s", fake_output(&w.p, "prefix"));
    snprintf(commands, sizeof commands, "SET \"%s\\x00a\" 1\r\nSET \"%s\\x00b\\xff\" 1\r\nSET %sc 1\r\nDBSIZE\r\n", prefix, prefix, prefix);
    ASSERT_CONTAINS(as_admin(&w, commands), ":3\r\n");
    well(&w, FAKE_DEPROVISION);
    ASSERT_CONTAINS(as_admin(&w, "DBSIZE\r\n"), ":0\r\n");
    end(&w);
}

/* Rights beside the first rules are seen. */
static void test_selectors(void)
{
    struct world w;
    char commands[300];

    if (!begin(&w))
        return;
    well(&w, FAKE_PLAN);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(w.p.call.outputs, "changes")), 1);
    status(&w, "terminated", "not there"); /* nothing was made */
    well(&w, FAKE_PROVISION);
    snprintf(commands, sizeof commands, "ACL SETUSER %s \"(+get ~*)\"\r\n", fake_output(&w.p, "username"));
    as_admin(&w, commands);
    status(&w, "degraded", "selectors");
    well(&w, FAKE_PLAN);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(w.p.call.outputs, "changes")), 1);
    well(&w, FAKE_PROVISION);
    status(&w, "active", "");
    well(&w, FAKE_PLAN);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(w.p.call.outputs, "changes")), 0);
    end(&w);
}

static void test_health(void)
{
    struct world w;
    char config[200];

    if (!begin(&w))
        return;
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_OK);
    halt(&w);
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_TRANSIENT);
    ASSERT_CONTAINS(w.p.call.failure, "Redis at 127.0.0.1:");
    start(&w);
    fake_close(&w.p);
    snprintf(config, sizeof config, "{\"redis\":{\"url\":\"redis://127.0.0.1:%d\",\"password\":\"wrong-one\"}}", w.port);
    CU_ASSERT_EQUAL_FATAL(fake_open(&w.p, "local", test_dir(), config), INNO_OK);
    CU_ASSERT_EQUAL(fake_health(&w.p), INNO_UNAUTHORIZED);
    CU_ASSERT_PTR_NULL(strstr(w.p.call.failure, "wrong-one"));
    end(&w);
}

/* Passwords do not go to another machine in clear, unless the admin says so. */
static void test_in_clear(void)
{
    struct fake_plugin p;

    CU_ASSERT_EQUAL_FATAL(fake_open(&p, "local", test_dir(), "{\"redis\":{\"url\":\"redis://127.example.invalid:6379\"}}"), INNO_OK);
    CU_ASSERT_EQUAL(fake_health(&p), INNO_INVALID_CONFIG);
    ASSERT_CONTAINS(p.call.failure, "in clear");
    fake_close(&p);
    CU_ASSERT_EQUAL_FATAL(fake_open(&p, "local", test_dir(), "{\"redis\":{\"url\":\"redis://127.example.invalid:6379\",\"tls\":false}}"),
                          INNO_OK);
    CU_ASSERT_EQUAL(fake_health(&p), INNO_TRANSIENT); /* its name is nobody's */
    fake_close(&p);
}

static void open_tls(struct world *w, const char *host, const char *ca)
{
    json_t *config = json_pack("{s:{s:s,s:s*}}", "redis", "password", "admin-password", "ca", ca);
    char url[100], *text;

    snprintf(url, sizeof url, "rediss://%s:%d", host, w->port);
    json_object_set_new(json_object_get(config, "redis"), "url", json_string(url));
    text = json_dumps(config, 0);
    fake_close(&w->p);
    CU_ASSERT_EQUAL_FATAL(fake_open(&w->p, "local", test_dir(), text), INNO_OK);
    free(text);
    json_decref(config);
}

/* Over TLS, with a certificate of the authority that config names, for the host that it names. */
static void test_tls(void)
{
    struct rest_server *made = rest_server_start(true, false); /* for its certificates: all of them name 127.0.0.1 */
    const char *dir = test_dir();
    struct world w;

    write_text(dir, "ca.pem", rest_server_authority(made));
    write_text(dir, "server.pem", rest_server_client(made));
    write_text(dir, "server.key", rest_server_client_key(made));
    if (begin_with(&w, dir)) {
        open_tls(&w, "127.0.0.1", rest_server_authority(made));
        CU_ASSERT_EQUAL(fake_health(&w.p), INNO_OK);
        well(&w, FAKE_PROVISION);
        ASSERT_CONTAINS(fake_secret(&w.p, "url"), "rediss://");
        status(&w, "active", "");
        well(&w, FAKE_DEPROVISION);
        open_tls(&w, "127.0.0.1", NULL);
        CU_ASSERT_EQUAL(fake_health(&w.p), INNO_INVALID_CONFIG);
        ASSERT_CONTAINS(w.p.call.failure, "its certificate is not trusted");
        open_tls(&w, "localhost", rest_server_authority(made));
        CU_ASSERT_EQUAL(fake_health(&w.p), INNO_INVALID_CONFIG);
        ASSERT_CONTAINS(w.p.call.failure, "ostname mismatch");
        halt(&w);
        open_tls(&w, "127.0.0.1", rest_server_authority(made));
        CU_ASSERT_EQUAL(fake_health(&w.p), INNO_TRANSIENT);
        w.certificates = NULL; /* one that does not speak TLS, and waits for the rest of a command */
        start(&w);
        fake_next_deadline(&w.p, 1000);
        CU_ASSERT_EQUAL(fake_health(&w.p), INNO_TRANSIENT);
        ASSERT_CONTAINS(w.p.call.failure, "Redis at 127.0.0.1:");
        end(&w);
    }
    rest_server_stop(made);
}

/* An answer has a limit, with all that is in it. */
static void test_flood(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), port = free_port(), yes = 1;
    struct fake_plugin p;
    char config[200];
    pid_t server;

    address.sin_port = htons((uint16_t)port);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    CU_ASSERT_FATAL(bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 1) == 0);
    server = fork();
    if (server == 0) {
        char *text = calloc(1, 1000001), ignored[500];
        int one = accept(fd, NULL, NULL);

        memset(text, 'x', 1000000);
        recv(one, ignored, sizeof ignored, 0);
        send(one, "*30\r\n", 5, MSG_NOSIGNAL);
        for (int i = 0; i < 30; i++) {
            send(one, "$1000000\r\n", 10, MSG_NOSIGNAL);
            send(one, text, 1000000, MSG_NOSIGNAL);
            send(one, "\r\n", 2, MSG_NOSIGNAL);
        }
        _exit(0);
    }
    snprintf(config, sizeof config, "{\"redis\":{\"url\":\"redis://127.0.0.1:%d\"}}", port);
    CU_ASSERT_EQUAL_FATAL(fake_open(&p, "local", test_dir(), config), INNO_OK);
    CU_ASSERT_EQUAL(fake_health(&p), INNO_FAILED);
    ASSERT_CONTAINS(p.call.failure, "too large");
    fake_close(&p);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    close(fd);
}

static void test_life(void)
{
    struct world w;
    char user[100], password[100], prefix[120], commands[400];
    const char *said;

    if (!begin(&w))
        return;
    status(&w, "terminated", "not there");
    well(&w, FAKE_PROVISION);
    snprintf(user, sizeof user, "%s", fake_output(&w.p, "username"));
    snprintf(prefix, sizeof prefix, "%s", fake_output(&w.p, "prefix"));
    snprintf(password, sizeof password, "%s", fake_secret(&w.p, "password"));
    well(&w, FAKE_PROVISION);
    ASSERT_TEXT(fake_secret(&w.p, "password"), password);
    status(&w, "active", "");

    snprintf(commands, sizeof commands, "SET %sa 1\r\nSET other 1\r\nCONFIG GET port\r\nFLUSHALL\r\nACL LIST\r\n", prefix);
    said = talk(&w, user, password, commands);
    ASSERT_CONTAINS(said, "+OK\r\n+OK\r\n-NOPERM"); /* in, its own key, not another's */
    CU_ASSERT_PTR_NULL(strstr(said, "users.acl"));
    ASSERT_CONTAINS(said, "flushall");
    as_admin(&w, "SET stranger 1\r\n");

    snprintf(commands, sizeof commands, "ACL SETUSER %s >more\r\n", user);
    as_admin(&w, commands);
    status(&w, "degraded", "password was changed by hand");
    snprintf(commands, sizeof commands, "ACL SETUSER %s resetpass ~*\r\n", user);
    as_admin(&w, commands);
    well(&w, FAKE_PROVISION);
    status(&w, "active", "");
    snprintf(commands, sizeof commands, "ACL SETUSER %s off\r\n", user);
    as_admin(&w, commands);
    status(&w, "degraded", "switched off by hand");
    well(&w, FAKE_PROVISION);
    snprintf(commands, sizeof commands, "ACL SETUSER %s +flushall\r\n", user);
    as_admin(&w, commands);
    status(&w, "degraded", "commands were changed by hand");
    well(&w, FAKE_PROVISION);

    halt(&w); /* the user is in the server's file */
    CU_ASSERT_EQUAL(run(&w, FAKE_STATUS), INNO_TRANSIENT);
    ASSERT_CONTAINS(w.p.call.failure, "Connection refused");
    start(&w);
    status(&w, "active", "");

    snprintf(commands, sizeof commands, "SET %sb 1\r\nSET stranger 1\r\n", prefix);
    as_admin(&w, commands);
    well(&w, FAKE_DEPROVISION);
    well(&w, FAKE_DEPROVISION);
    said = as_admin(&w, "KEYS *\r\nACL USERS\r\n");
    ASSERT_CONTAINS(said, "*1\r\n$8\r\nstranger\r\n*1\r\n$7\r\ndefault\r\n"); /* nothing of ours, all of the others' */
    status(&w, "terminated", "not there");
    end(&w);
}

static void test_refusals(void)
{
    static const struct {
        const char *config, *says;
        inno_rc code;
    } cases[] = {
        {"{}", "add config.redis", INNO_INVALID_CONFIG},
        {"{\"redis\":{\"url\":\"http://h\"}}", "must be rediss://HOST:PORT", INNO_INVALID_CONFIG},
        {"{\"redis\":{\"url\":\"redis://u:p@h\"}}", "have keys of their own", INNO_INVALID_CONFIG},
    };
    struct world w;
    char config[200];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fake_plugin p;

        CU_ASSERT_EQUAL(fake_open(&p, "local", test_dir(), cases[i].config), INNO_OK);
        CU_ASSERT_EQUAL(fake_run(&p, FAKE_PROVISION, &(struct fake_resource){.type = "redis", .params = "{}"}), cases[i].code);
        ASSERT_CONTAINS(p.call.failure, cases[i].says);
        fake_close(&p);
    }
    if (!begin(&w))
        return;
    fake_close(&w.p);
    snprintf(config, sizeof config, "{\"redis\":{\"url\":\"redis://127.0.0.1:%d\",\"password\":\"wrong-one\"}}", w.port);
    CU_ASSERT_EQUAL(fake_open(&w.p, "local", test_dir(), config), INNO_OK);
    CU_ASSERT_EQUAL(run(&w, FAKE_PROVISION), INNO_UNAUTHORIZED);
    CU_ASSERT_PTR_NULL(strstr(w.p.call.failure, "wrong-one"));
    end(&w);
}

const struct test_case tests[] = {{"a user with its prefix is made, repaired and removed with its keys", test_life},
                                  {"wrong settings and passwords are told", test_refusals},
                                  {"keys of any bytes are removed", test_binary_keys},
                                  {"selectors that were added by hand are seen and removed", test_selectors},
                                  {"health asks the server", test_health},
                                  {"another machine gets no password in clear", test_in_clear},
                                  {"an answer that is too large is refused", test_flood},
                                  {"TLS is verified: authority and host", test_tls},
                                  {0}};
