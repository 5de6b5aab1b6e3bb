/* The provisioner against the merchant server of the examples: test_merchant_server PYTHON SERVER.PY */
#include "harness.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char directory[100], data[120], port_file[120];
static pid_t server;

static void start_server(const char *python, const char *script)
{
    FILE *file = NULL;
    char config[200];
    int port = 0;

    server = fork();
    if (server == 0) {
        setenv("MERCHANT_TOKEN", "a-token-for-tests-only", 1);
        execlp(python, python, script, "--listen", "127.0.0.1:0", "--data", data, "--port-file", port_file, (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 3000 && !file; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        file = fopen(port_file, "r");
    }
    if (!file || fscanf(file, "%d", &port) != 1) {
        printf("not ok - the merchant server starts\n");
        exit(1);
    }
    fclose(file);
    unlink(port_file);
    snprintf(config, sizeof config, "{\"endpoint\": \"http://127.0.0.1:%d\", \"token\": \"a-token-for-tests-only\"}", port);
    CHECK(plugin_open(config) == INNO_OK);
}

static void stop_server(int signal_number)
{
    plugin_close();
    kill(server, signal_number);
    waitpid(server, NULL, 0);
}

static void test_life(void)
{
    struct about about = {.params = "{\"currency\": \"EUR\", \"displayName\": \"Shop\"}"},
                 update = {.params = "{\"currency\": \"USD\"}", .key = "key-2"};
    char key[200], id[200];

    CHECK(run_slot(HEALTH, NULL) == INNO_OK);
    CHECK(run_slot(STATUS, &about) == INNO_OK);
    CHECK(strcmp(call.status, INNO_STATE_TERMINATED) == 0);
    CHECK(run_slot(PROVISION, &about) == INNO_OK);
    snprintf(key, sizeof key, "%.199s", call.secrets);
    snprintf(id, sizeof id, "%.199s", call.outputs);
    CHECK(run_slot(PROVISION, &about) == INNO_OK);
    CHECK(strcmp(call.secrets, key) == 0);
    CHECK(strcmp(call.outputs, id) == 0);
    CHECK(run_slot(STATUS, &about) == INNO_OK);
    CHECK(strcmp(call.status, INNO_STATE_ACTIVE) == 0);
    CHECK(run_slot(PROVISION, &update) == INNO_OK);
    CHECK(strcmp(call.secrets, key) == 0);
    CHECK(run_slot(STATUS, &about) == INNO_OK);
    CHECK(strcmp(call.status, INNO_STATE_DEGRADED) == 0);
    CHECK(run_slot(DEPROVISION, &about) == INNO_OK);
    CHECK(run_slot(DEPROVISION, &about) == INNO_OK);
    CHECK(run_slot(STATUS, &about) == INNO_OK);
    CHECK(strcmp(call.status, INNO_STATE_TERMINATED) == 0);
}

static const char *python, *script;

/* The plugin's process ends after the PUT, before anything was stored: the retry finds the same merchant. */
static void test_crash(void)
{
    char key[200];

    next_call(0, 60000, INNO_TRANSIENT); /* the state is not stored */
    CHECK(run_slot(PROVISION, NULL) == INNO_TRANSIENT);
    CHECK(run_slot(PROVISION, NULL) == INNO_OK);
    snprintf(key, sizeof key, "%.199s", call.secrets);
    stop_server(SIGKILL);
    start_server(python, script);
    CHECK(run_slot(PROVISION, NULL) == INNO_OK);
    CHECK(strcmp(call.secrets, key) == 0);
}

static void test_wrong_token(void)
{
    char config[400], *endpoint;

    CHECK(run_slot(HINTS, NULL) == INNO_OK);
    endpoint = strstr(call.hints, "http://");
    *strstr(endpoint, "/merchants") = '\0';
    snprintf(config, sizeof config, "{\"endpoint\": \"%.100s\", \"token\": \"another-token\"}", endpoint);
    plugin_close();
    CHECK(plugin_open(config) == INNO_OK);
    CHECK(run_slot(PROVISION, NULL) == INNO_UNAUTHORIZED);
    CHECK(run_slot(HEALTH, NULL) == INNO_UNAUTHORIZED);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s PYTHON merchant_server.py\n", argv[0]);
        return 2;
    }
    python = argv[1];
    script = argv[2];
    snprintf(directory, sizeof directory, "%.50s/merchants-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    if (!mkdtemp(directory))
        return 2;
    snprintf(data, sizeof data, "%s/data", directory);
    snprintf(port_file, sizeof port_file, "%s/port", directory);
    start_server(python, script);
    run_test("a merchant lives from provision to deprovision", test_life);
    run_test("a crash after the request makes no second merchant", test_crash);
    run_test("a wrong token is told as such", test_wrong_token);
    stop_server(SIGTERM);
    unlink(data);
    rmdir(directory);
    return failures ? 1 : 0;
}
