/* host->exec through real plugin hosts: what a program gets, what comes back of it, how it is stopped, and that nothing of it is left. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "plugin_driver.h"
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- looking ---- */

static bool has_word(const char *pid, const char *word)
{
    CLEANUP(free_ptr) char *path = mem_printf("/proc/%s/cmdline", pid);
    CLEANUP(close_file) FILE *file = fopen(path, "re");
    char text[4096] = "";
    size_t len = file ? fread(text, 1, sizeof text - 1, file) : 0;

    for (size_t at = 0; at < len; at += strlen(text + at) + 1)
        if (str_eq(text + at, word))
            return true;
    return false;
}

/* Processes that have `word` as an argument. */
static int running(const char *word)
{
    DIR *dir = opendir("/proc");
    struct dirent *entry;
    int count = 0;

    while (dir && (entry = readdir(dir)))
        count += entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && has_word(entry->d_name, word);
    if (dir)
        closedir(dir);
    return count;
}

static void await_running(const char *word, bool some) /* as long as the program may run */
{
    while ((running(word) > 0) != some)
        usleep(2000);
}

/* A word that no other process has: the number of seconds that a program sleeps. */
static const char *unique(void)
{
    static char text[32];
    static int count;

    snprintf(text, sizeof text, "1%07d%02d", (int)getpid() % 10000000, ++count % 100);
    return text;
}

/* ---- running ---- */

static void begin_with(struct driver *d, const char *file, const char *grant)
{
    CLEANUP(json_put) json_t *list = json_loads(grant, 0, NULL);
    struct plugin_entry more = {.name = "runs", .grant = list};
    struct err err;
    CLEANUP(free_ptr) char *path = mem_printf("%s/%s.so", PLUGIN_DIR, file);

    more.path = path;
    driver_start(d, 0, PATIENT_MS);
    ASSERT_OK(driver_add(d, file, &more, &err), err);
}

static void begin(struct driver *d) { begin_with(d, "runs", "[\"exec\"]"); }

static struct trial trial_of(const char *params)
{
    return (struct trial){.instance = "runs", .operation = PLUGIN_PROVISION, .type = "run", .params = params};
}

static int run(struct driver *d, struct trial *t, const char *params)
{
    int outcome;

    *t = trial_of(params);
    outcome = trial_run(d, t);
    if (outcome != PLUGIN_DONE_OK && t->err.code != ERR_CANCELED)
        fprintf(stderr, "# %s: %s\n", params, t->err.msg);
    return outcome;
}

static const char *text(const struct trial *t, const char *key)
{
    const char *value = json_str(t->outputs, key);

    return value ? value : "";
}

static int64_t number(const struct trial *t, const char *key) { return json_int(t->outputs, key, -99); }

static void expect_code(const struct trial *t, int outcome, enum err_code code, const char *part)
{
    CU_ASSERT_EQUAL(outcome, PLUGIN_DONE_FAILED);
    CU_ASSERT_EQUAL(t->err.code, code);
    ASSERT_CONTAINS(t->err.msg, part);
}

/* ---- what it gets and gives ---- */

static void test_result(void)
{
    struct driver d;
    struct trial t;

    begin(&d);
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"sh\",\"-c\",\"echo to out; echo to err >&2; printf unended; exit 3\"]}"), PLUGIN_DONE_OK);
    CU_ASSERT_EQUAL(number(&t, "exit"), 3);
    CU_ASSERT_EQUAL(number(&t, "signal"), 0);
    CU_ASSERT_EQUAL(number(&t, "truncated"), 0);
    ASSERT_TEXT(text(&t, "out"), "to out\nunended");
    ASSERT_TEXT(text(&t, "err"), "to err\n");
    ASSERT_CONTAINS(t.logs, "info: to out\n");
    ASSERT_CONTAINS(t.logs, "info: unended\n");
    ASSERT_CONTAINS(t.logs, "warn: to err\n");
    trial_fini(&t);
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"true\"]}"), PLUGIN_DONE_OK);
    CU_ASSERT_EQUAL(number(&t, "exit"), 0);
    CU_ASSERT_EQUAL(number(&t, "out_bytes") + number(&t, "err_bytes"), 0);
    trial_fini(&t);
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"sh\",\"-c\",\"kill -9 $$\"]}"), PLUGIN_DONE_OK);
    CU_ASSERT_EQUAL(number(&t, "exit"), -1);
    CU_ASSERT_EQUAL(number(&t, "signal"), SIGKILL);
    trial_fini(&t);
    driver_stop(&d);
    CU_ASSERT_EQUAL(driver_children(), 0);
}

static void test_surroundings(void)
{
    struct driver d;
    struct trial t;
    int lines = 0;

    setenv("SERVER_SECRET", "not for programs", 1);
    begin(&d);
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"env\"],\"env\":[\"MORE=than that\",\"LANG=de\"]}"), PLUGIN_DONE_OK);
    for (const char *at = text(&t, "out"); *at; at++)
        lines += *at == '\n';
    CU_ASSERT_EQUAL(lines, 5); /* PATH, HOME, TMPDIR and those two */
    ASSERT_CONTAINS(text(&t, "out"), "LANG=de\n");
    ASSERT_CONTAINS(text(&t, "out"), "MORE=than that\n");
    ASSERT_CONTAINS(text(&t, "out"), "PATH=/usr/local/sbin:");
    CU_ASSERT(!strstr(text(&t, "out"), "SECRET"));
    trial_fini(&t);
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"sh\",\"-c\",\"[ $(pwd) = $HOME ] && touch made && ls $TMPDIR\"]}"), PLUGIN_DONE_OK);
    ASSERT_TEXT(text(&t, "out"), "made\n");
    trial_fini(&t);
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"pwd\"],\"cwd\":\"/usr\"}"), PLUGIN_DONE_OK);
    ASSERT_TEXT(text(&t, "out"), "/usr\n");
    trial_fini(&t);
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"ls\",\"-1\",\"/proc/self/fd\"]}"), PLUGIN_DONE_OK);
    ASSERT_TEXT(text(&t, "out"), "0\n1\n2\n3\n"); /* 3 is the directory that it lists */
    trial_fini(&t);
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"cat\",\"/etc/shadow\"]}"), PLUGIN_DONE_OK);
    CU_ASSERT_EQUAL(number(&t, "exit"), 1);
    trial_fini(&t);
    driver_stop(&d);
}

static void test_input(void)
{
    struct driver d;
    struct trial t;

    begin(&d);
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"cat\"],\"input\":\"one\\ntwo\"}"), PLUGIN_DONE_OK);
    ASSERT_TEXT(text(&t, "out"), "one\ntwo");
    trial_fini(&t);
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"wc\",\"-c\"]}"), PLUGIN_DONE_OK); /* without input there is nothing to read */
    ASSERT_TEXT(text(&t, "out"), "0\n");
    trial_fini(&t);
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"wc\",\"-c\"],\"zeros\":3000000}"), PLUGIN_DONE_OK);
    ASSERT_TEXT(text(&t, "out"), "3000000\n");
    trial_fini(&t);
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"true\"],\"zeros\":3000000}"), PLUGIN_DONE_OK); /* a program need not read it */
    CU_ASSERT_EQUAL(number(&t, "exit"), 0);
    trial_fini(&t);
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"cat\"],\"zeros\":3000000,\"flags\":1,\"max\":4000000}"), PLUGIN_DONE_OK);
    CU_ASSERT_EQUAL(number(&t, "out_bytes"), 3000000);
    trial_fini(&t);
    driver_stop(&d);
}

static void test_huge_output(void)
{
    struct driver d;
    struct trial t;

    begin(&d);
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"head\",\"-c\",\"30000000\",\"/dev/zero\"],\"flags\":1}"), PLUGIN_DONE_OK);
    CU_ASSERT_EQUAL(number(&t, "out_bytes"), 1 << 20);
    CU_ASSERT_EQUAL(number(&t, "truncated"), 1);
    CU_ASSERT_EQUAL(t.log_lines, 0);
    trial_fini(&t);
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"sh\",\"-c\",\"yes | head -n 70000; echo end >&2\"],\"max\":10}"), PLUGIN_DONE_OK);
    CU_ASSERT_EQUAL(number(&t, "out_bytes"), 10);
    CU_ASSERT_EQUAL(t.log_lines, 50001); /* with the line that says so */
    trial_fini(&t);
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"sh\",\"-c\",\"yes | head -c 200000 | tr -d '\\\\n'\"],\"flags\":0}"), PLUGIN_DONE_OK);
    CU_ASSERT_EQUAL(t.log_lines, 7); /* a line without an end comes in parts of 16 KiB */
    trial_fini(&t);
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"printf\",\"\\\\033[31mred\\\\377\\\\n\"],\"max\":4}"), PLUGIN_DONE_OK);
    ASSERT_TEXT(t.logs, "info:  [31mred?\n");
    trial_fini(&t);
    driver_stop(&d);
}

static void test_on_line(void)
{
    struct driver d;
    struct trial t;

    begin(&d);
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"printf\",\"a\\\\nbb\\\\r\\\\n\\\\nlast\"],\"lines\":true}"), PLUGIN_DONE_OK);
    ASSERT_TEXT(t.logs, "info: line 1: a (1 bytes)\ninfo: line 2: bb (2 bytes)\ninfo: line 3:  (0 bytes)\ninfo: line 4: last (4 bytes)\n");
    CU_ASSERT_EQUAL(number(&t, "nested"), -10); /* one at a time */
    trial_fini(&t);
    driver_stop(&d);
}

/* ---- what cannot be run ---- */

static void test_refused(void)
{
    static const struct {
        const char *params;
        enum err_code code;
        const char *part;
    } refused[] = {
        {"{\"argv\":[\"no-such-program\"]}", ERR_UNSUPPORTED, "there is no program \"no-such-program\""},
        {"{\"argv\":[\"/usr/bin/no-such-program\"]}", ERR_UNSUPPORTED, "there is no program \"/usr/bin/no-such-program\""},
        {"{\"argv\":[\"./here\"]}", ERR_UNSUPPORTED, "no absolute path"},
        {"{\"argv\":[\"/etc/passwd\"]}", ERR_UNAUTHORIZED, "no file that may be run"},
        {"{\"argv\":[\"/usr\"]}", ERR_UNAUTHORIZED, "no file that may be run"},
        {"{\"argv\":[\"true\"],\"cwd\":\"/no/such/place\"}", ERR_PROVISION_FAILED, "cwd is"},
        {"{\"raw\":\"null\"}", ERR_PROVISION_FAILED, "struct_size"},
        {"{\"raw\":\"no-size\"}", ERR_PROVISION_FAILED, "struct_size"},
        {"{\"raw\":\"no-argv\"}", ERR_PROVISION_FAILED, "argv is empty"},
        {"{\"raw\":\"empty-argv\"}", ERR_PROVISION_FAILED, "argv is empty"},
        {"{\"raw\":\"empty-word\"}", ERR_PROVISION_FAILED, "argv is empty"},
        {"{\"raw\":\"many\"}", ERR_PROVISION_FAILED, "4096 words"},
        {"{\"raw\":\"long\"}", ERR_PROVISION_FAILED, "more than 1 MiB"},
        {"{\"argv\":[\"true\"],\"raw\":\"bad-env\"}", ERR_PROVISION_FAILED, "NAME=value"},
        {"{\"argv\":[\"true\"],\"raw\":\"no-name\"}", ERR_PROVISION_FAILED, "NAME=value"},
        {"{\"argv\":[\"true\"],\"raw\":\"relative-cwd\"}", ERR_PROVISION_FAILED, "cwd"},
        {"{\"argv\":[\"true\"],\"raw\":\"flags\"}", ERR_PROVISION_FAILED, "unknown flags"},
        {"{\"argv\":[\"true\"],\"raw\":\"past\"}", ERR_PROVISION_FAILED, "negative time"},
        {"{\"argv\":[\"true\"],\"max\":1000000000}", ERR_PROVISION_FAILED, "64 MiB"},
    };
    struct driver d;
    struct trial t;

    begin(&d);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        t = trial_of(refused[i].params);
        expect_code(&t, trial_run(&d, &t), refused[i].code, refused[i].part);
        trial_fini(&t);
    }
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"true\"]}"), PLUGIN_DONE_OK); /* the host is none the worse */
    trial_fini(&t);
    driver_stop(&d);
}

static void test_not_granted(void)
{
    struct driver d;
    struct trial t = trial_of("{\"argv\":[\"true\"]}");

    begin_with(&d, "runs_unasked", "[\"network\"]");
    expect_code(&t, trial_run(&d, &t), ERR_UNAUTHORIZED, "grant: [exec]");
    trial_fini(&t);
    driver_stop(&d);
}

/* With the permission too, the plugin's own process makes no processes. */
static void test_fork(void)
{
    CLEANUP(json_put) json_t *grant = json_pack("[s]", "exec");
    struct plugin_entry more = {.grant = grant};
    struct trial t = {.instance = "fork", .operation = PLUGIN_PROVISION};
    struct driver d;
    struct err err;

    driver_start(&d, 0, PATIENT_MS);
    ASSERT_OK(driver_add(&d, "fork", &more, &err), err);
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_OK);
    CU_ASSERT_PTR_NULL(json_object_get(t.outputs, "escaped"));
    trial_fini(&t);
    driver_stop(&d);
}

static void write_tool(const char *path, const char *content)
{
    struct err err;

    ASSERT_OK(io_write_atomic(path, content, strlen(content), 0755, &err), err);
}

/* Single programs instead of all: by name, by file, by directory. */
static void test_narrowed(void)
{
    const char *dir = test_dir();
    CLEANUP(free_ptr) char *tool = mem_printf("%s/tool", dir);
    CLEANUP(free_ptr) char *by_name = mem_printf("[\"exec:env\",\"exec:%s\"]", tool);
    CLEANUP(free_ptr) char *by_dir = mem_printf("[\"exec:sh\",\"exec:%s\"]", dir);
    CLEANUP(free_ptr) char *absolute = mem_printf("{\"argv\":[\"%s\"]}", tool);
    struct driver d;
    struct trial t;

    write_tool(tool, "#!/bin/sh\necho a tool of ours\n");
    begin_with(&d, "runs", by_name);
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"env\"]}"), PLUGIN_DONE_OK);
    trial_fini(&t);
    t = trial_of("{\"argv\":[\"sh\",\"-c\",\"true\"]}");
    expect_code(&t, trial_run(&d, &t), ERR_UNAUTHORIZED, "is not granted; the admin may add exec:/usr/bin/");
    trial_fini(&t);
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"env\",\"sh\",\"-c\",\"echo escaped\"]}"), PLUGIN_DONE_OK);
    CU_ASSERT_EQUAL(number(&t, "exit"), 126); /* what a granted program may start is no more than that */
    trial_fini(&t);
    t = trial_of(absolute);
    expect_code(&t, trial_run(&d, &t), ERR_UNAUTHORIZED, "interpreter");
    trial_fini(&t);
    driver_stop(&d);
    begin_with(&d, "runs", by_dir);
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"tool\"]}"), PLUGIN_DONE_OK);
    ASSERT_TEXT(text(&t, "out"), "a tool of ours\n");
    trial_fini(&t);
    driver_stop(&d);
    begin(&d); /* what lies elsewhere is not among all that is installed */
    t = trial_of(absolute);
    expect_code(&t, trial_run(&d, &t), ERR_UNAUTHORIZED, "is not granted");
    trial_fini(&t);
    driver_stop(&d);
}

static void test_paths(void)
{
    const char *dir = test_dir();
    CLEANUP(free_ptr) char *grant_read = mem_printf("[\"exec\",\"read:%s\"]", dir);
    CLEANUP(free_ptr) char *grant_write = mem_printf("[\"exec\",\"write:%s\"]", dir);
    CLEANUP(free_ptr) char *file = mem_printf("%s/file", dir);
    CLEANUP(free_ptr) char *params = mem_printf("{\"argv\":[\"sh\",\"-c\",\"cat %s; echo more >> %s\"]}", file, file);
    const char *grants[] = {"[\"exec\"]", grant_read, grant_write}, *shown[] = {"", "text\n", "text\n"};
    struct driver d;
    struct trial t;

    write_tool(file, "text\n");
    for (size_t i = 0; i < 3; i++) {
        begin_with(&d, "runs", grants[i]);
        CU_ASSERT_EQUAL(run(&d, &t, params), PLUGIN_DONE_OK);
        ASSERT_TEXT(text(&t, "out"), shown[i]);
        CU_ASSERT_EQUAL(number(&t, "exit") == 0, i == 2);
        trial_fini(&t);
        driver_stop(&d);
    }
}

static void test_bad_grants(void)
{
    static const char *const bad[] = {"[\"exec:\"]",         "[\"exec:a/b\"]", "[\"read:here\"]", "[\"read:/\"]",
                                      "[\"write:/a/../b\"]", "[\"exec:..\"]",  "[\"files\"]",     "[3]"};
    struct driver d;
    struct err err;

    driver_start(&d, 0, 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CLEANUP(json_put) json_t *grant = json_loads(bad[i], 0, NULL);
        struct plugin_entry more = {.grant = grant};

        ASSERT_FAILS(driver_add(&d, "runs", &more, &err), err, ERR_PLUGIN_REFUSED);
        ASSERT_CONTAINS(err.msg, "known are network, exec, exec:PROGRAM");
    }
    driver_stop(&d);
}

/* ---- how it ends ---- */

static void test_cancel(void)
{
    struct driver d;
    struct trial t = trial_of("{\"argv\":[\"sh\",\"-c\",\"trap 'echo bye; exit 7' INT; echo ready; while :; do sleep 0.05; done\"],"
                              "\"grace\":10000}");
    struct err err;

    begin(&d);
    ASSERT_OK(trial_start(&d, &t, &err), err);
    trial_wait_log(&t, "ready");
    plugin_cancel(d.manager, t.call);
    trial_wait(&t);
    CU_ASSERT_EQUAL(t.err.code, ERR_CANCELED);
    ASSERT_CONTAINS(t.logs, "bye"); /* SIGINT came, and it had its time */
    CU_ASSERT_EQUAL(number(&t, "exit"), 7);
    trial_fini(&t);
    driver_stop(&d);
}

static void test_deaf(void)
{
    const char *word = unique();
    CLEANUP(free_ptr)
    char *params = mem_printf("{\"argv\":[\"sh\",\"-c\",\"trap '' INT TERM; echo ready; while :; do sleep %s; done\"],\"grace\":50}", word);
    struct driver d;
    struct trial t = trial_of(params);
    struct err err;

    begin(&d);
    ASSERT_OK(trial_start(&d, &t, &err), err);
    trial_wait_log(&t, "ready");
    await_running(word, true);
    plugin_cancel(d.manager, t.call);
    trial_wait(&t);
    CU_ASSERT_EQUAL(t.err.code, ERR_CANCELED);
    CU_ASSERT_EQUAL(running(word), 0);
    CU_ASSERT_EQUAL(number(&t, "signal"), SIGKILL);
    trial_fini(&t);
    CU_ASSERT_EQUAL(run(&d, &t, "{\"argv\":[\"true\"]}"), PLUGIN_DONE_OK); /* the same host goes on */
    trial_fini(&t);
    driver_stop(&d);
}

static void test_time(void)
{
    const char *word = unique();
    CLEANUP(free_ptr) char *own = mem_printf("{\"argv\":[\"sleep\",\"%s\"],\"timeout\":50}", word);
    CLEANUP(free_ptr) char *calls = mem_printf("{\"argv\":[\"sleep\",\"%s\"]}", word);
    struct driver d;
    struct trial t = trial_of(own);

    begin(&d);
    expect_code(&t, trial_run(&d, &t), ERR_TIMEOUT, "its time is over");
    CU_ASSERT_EQUAL(number(&t, "signal"), SIGINT);
    trial_fini(&t);
    t = trial_of(calls);
    t.deadline_ms = 300;
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_FAILED);
    CU_ASSERT(t.err.code == ERR_TIMEOUT || t.err.code == ERR_PLUGIN_TIMEOUT);
    CU_ASSERT_EQUAL(running(word), 0);
    trial_fini(&t);
    driver_stop(&d);
}

/* A program that leaves its session and keeps the output open ends with the program that was run. */
static void test_forks_away(void)
{
    const char *word = unique();
    CLEANUP(free_ptr)
    char *params =
        mem_printf("{\"argv\":[\"sh\",\"-c\",\"setsid -f sleep %s; setsid sleep %s >/dev/null 2>&1 </dev/null & echo gone\"]}", word, word);
    struct driver d;
    struct trial t;

    begin(&d);
    CU_ASSERT_EQUAL(run(&d, &t, params), PLUGIN_DONE_OK);
    ASSERT_TEXT(text(&t, "out"), "gone\n");
    CU_ASSERT_EQUAL(running(word), 0);
    trial_fini(&t);
    driver_stop(&d);
}

static void test_host_dies(void)
{
    const char *word = unique();
    CLEANUP(free_ptr) char *params = mem_printf("{\"argv\":[\"sh\",\"-c\",\"setsid -f sleep %s; sleep %s\"]}", word, word);
    struct driver d;
    struct trial t = trial_of(params);
    struct err err;

    begin(&d);
    ASSERT_OK(trial_start(&d, &t, &err), err);
    while (running(word) < 2)
        usleep(2000);
    driver_kill_children();
    trial_wait(&t);
    CU_ASSERT_EQUAL(t.err.code, ERR_PLUGIN_CRASHED);
    await_running(word, false);
    trial_fini(&t);
    driver_stop(&d);
}

/* From here on this process can have no process namespaces for those below it. */
static bool lose_namespaces(void)
{
    int fd;
    bool done;

    if (unshare(CLONE_NEWUSER) < 0 || (fd = open("/proc/sys/user/max_pid_namespaces", O_WRONLY | O_CLOEXEC)) < 0)
        return false;
    done = write(fd, "0", 1) == 1;
    close(fd);
    return done;
}

static void serve_until_killed(const char *params, bool with_namespaces, int tell_dir)
{
    struct driver d;
    struct trial t;

    if (!with_namespaces && !lose_namespaces())
        _exit(3);
    begin(&d);
    if (write(tell_dir, d.dir, strlen(d.dir)) < 0)
        _exit(3);
    run(&d, &t, params);
    _exit(0);
}

/* A process of its own is the server, and is killed with everything running. False when that could not be tried. */
static bool kill_server(bool with_namespaces)
{
    const char *word = unique();
    CLEANUP(free_ptr)
    char *params = mem_printf("{\"argv\":[\"sh\",\"-c\",\"trap '' INT TERM HUP; setsid -f sleep %s; sleep %s\"]}", word, word);
    bool ended = false;
    char dir[256] = "";
    int ends[2];
    pid_t server;
    struct err err;

    if (pipe(ends) < 0)
        return false;
    server = fork();
    if (server == 0)
        serve_until_killed(params, with_namespaces, ends[1]);
    close(ends[1]);
    if (read(ends[0], dir, sizeof dir - 1) < 0)
        ended = true;
    close(ends[0]);
    while (running(word) < 2 && !ended) {
        ended = waitpid(server, NULL, WNOHANG) == server;
        usleep(2000);
    }
    if (!ended) {
        kill(server, SIGKILL);
        waitpid(server, NULL, 0);
        await_running(word, false);
    }
    if (*dir)
        io_remove_tree(dir, &err);
    return !ended;
}

static void test_server_dies(void) { CU_ASSERT(kill_server(true)); }

static void test_server_dies_without_namespaces(void)
{
    if (!kill_server(false))
        test_skip("no user namespace to be had in which process namespaces are forbidden");
}

const struct test_case tests[] = {
    {"a program's output, exit code and signal come back, and its lines stand in the log", test_result},
    {"a program has no environment but the allowed one, the work directory, and its three descriptors", test_surroundings},
    {"a program reads what it is given, all of it or none", test_input},
    {"output beyond the limit is cut and said to be", test_huge_output},
    {"a plugin that asks for lines gets them as they are", test_on_line},
    {"what cannot be run is refused, each with its reason", test_refused},
    {"without the permission nothing is run, and it says what to grant", test_not_granted},
    {"with the permission the plugin's own process may still not fork", test_fork},
    {"programs that are granted one by one are the only ones that run", test_narrowed},
    {"files are read and written where the grant says so", test_paths},
    {"a grant that means nothing is refused", test_bad_grants},
    {"a canceled program gets SIGINT and may end in good order", test_cancel},
    {"a program that does not listen is killed with its group", test_deaf},
    {"a program ends with its own time, and with that of the call", test_time},
    {"what a program leaves behind is killed at its end", test_forks_away},
    {"when the host is killed, nothing that it ran is left", test_host_dies},
    {"when the server is killed, nothing that was run is left", test_server_dies},
    {"where there are no process namespaces, nothing is left either", test_server_dies_without_namespaces},
    {0},
};
